/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The initiator's side for tests of the login machine: builds requests, feeds them, looks into responses.
 */
#ifndef TEST_INITIATOR_H
#define TEST_INITIATOR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "login.h"

#define T	ISCSI_LOGIN_TRANSIT
#define C	ISCSI_FLAG_CONTINUE
#define CSG(n)	((n) << 2)

/* Text as string literals write it, the last NUL being the literal's own. */
#define say(i, flags, literal) feed(i, flags, literal, (u32)sizeof(literal))
#define ROW(literal, status) { literal, (u32)sizeof(literal), status }

#define NAMES	"InitiatorName=iqn.1993-08.org.debian:01:abc\0TargetName=iqn.2024-01.example:t1\0"

struct initiator {
	struct iscsi_login *l;
	struct iscsi_login_target target;
	u8 bhs[ISCSI_BHS_LEN];
	int lookups;
};

static inline void initiator_init(struct initiator *i)
{
	memset(i, 0, sizeof(*i));
	i->l = malloc(sizeof(*i->l));
	assert_non_null(i->l);
	iscsi_login_init(i->l, 1, 100);
	iscsi_tgt_attrs_init(&i->target.attrs);
	i->bhs[0] = ISCSI_OP_LOGIN | ISCSI_IMMEDIATE;
	memcpy(i->bhs + ISCSI_OFF_ISID, "\x00\x02\x3d\x00\x00\x01", ISCSI_ISID_LEN);
	put_unaligned_be32(0x1234, i->bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(7, i->bhs + ISCSI_OFF_CMDSN);
}

static inline void initiator_free(struct initiator *i)
{
	free(i->l);
}

/* Exactly as large as it is, so that the sanitizer sees a byte read beyond it. */
static inline enum iscsi_login_effect feed(struct initiator *i, u8 flags, const char *text, u32 len)
{
	enum iscsi_login_effect effect;
	u8 *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	if (len)
		memcpy(exact, text, len);
	i->bhs[ISCSI_OFF_FLAGS] = flags;
	put_unaligned_be24(len, i->bhs + ISCSI_OFF_DATA_LEN);
	effect = iscsi_login_check_bhs(i->l, i->bhs);
	if (effect == ISCSI_LOGIN_CONTINUE)
		effect = iscsi_login_feed(i->l, i->bhs, exact, len);
	free(exact);
	if (effect == ISCSI_LOGIN_NEED_TARGET) {
		i->lookups++;
		effect = iscsi_login_target(i->l, &i->target);
	}
	return effect;
}

static inline u8 rsp_flags(const struct initiator *i)
{
	return i->l->rsp[ISCSI_OFF_FLAGS];
}

static inline u16 rsp_status(const struct initiator *i)
{
	return get_unaligned_be16(i->l->rsp + ISCSI_OFF_LOGIN_STATUS);
}

static inline u32 rsp_statsn(const struct initiator *i)
{
	return get_unaligned_be32(i->l->rsp + ISCSI_OFF_STATSN);
}

static inline u32 rsp_text_len(const struct initiator *i)
{
	return iscsi_data_len(i->l->rsp);
}

static inline const char *rsp_text(const struct initiator *i)
{
	return (const char *)i->l->rsp + ISCSI_BHS_LEN;
}

/* Value of a key in the response, "(none)" when it is not there. */
static inline const char *rsp_value(const struct initiator *i, const char *key)
{
	const char *v = iscsi_text_find(rsp_text(i), rsp_text_len(i), key);

	return v ? v : "(none)";
}

static inline void check_header(const struct initiator *i)
{
	const u8 *h = i->l->rsp;

	assert_int_equal(h[0], ISCSI_OP_LOGIN_RSP);
	assert_int_equal(i->l->rsp_len, ISCSI_BHS_LEN + iscsi_padded(rsp_text_len(i)));
	assert_memory_equal(h + ISCSI_OFF_ISID, i->bhs + ISCSI_OFF_ISID, ISCSI_ISID_LEN);
	assert_int_equal(get_unaligned_be32(h + ISCSI_OFF_ITT), 0x1234);
	assert_int_equal(get_unaligned_be32(h + ISCSI_OFF_EXPCMDSN), 7);
}

#endif /* TEST_INITIATOR_H */
