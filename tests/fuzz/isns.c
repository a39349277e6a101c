// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes what an iSNS server may send: a byte stream of PDUs, put together, taken apart and answered.
 *
 * links: iscsi-scst/pure/isns.c
 */
#include <stdlib.h>

#include "isns.h"

static u8 message_bytes[ISNS_MESSAGE_MAX];
static u8 out_bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void walk(const u8 *payload, u32 len)
{
	u8 *copy = malloc(len ? len : 1);	/* a byte read beyond it is seen */
	struct isns_attr a;
	u32 pos = 0, before = 0, v;
	const char *text;

	memcpy(copy, payload, len);
	while (isns_attr_next(copy, len, &pos, &a) > 0) {
		must(pos > before && pos <= len && a.value + a.len <= copy + len);
		before = pos;
		text = isns_attr_string(&a);
		must(!text || strlen(text) <= ISNS_STRING_MAX);
		isns_attr_u32(&a, &v);
	}
	free(copy);
}

static void look_at(const struct isns_message *m)
{
	struct isns_out out = { .data = out_bytes, .size = sizeof(out_bytes) };
	struct isns_head head;

	walk(m->data, m->len);
	if (m->len >= 4)
		walk(m->data + 4, m->len - 4);
	must(isns_status(m, ISNS_DEV_ATTR_QRY) <= 0xffff);
	if (isns_answer(m, &out))
		return;
	must(!isns_head_parse(out.data, &head) && head.length == out.len - ISNS_HEAD_LEN);
	must(head.function == (m->head.function | ISNS_RESPONSE) && head.xid == m->head.xid);
	walk(out.data + ISNS_HEAD_LEN + 4, out.len - ISNS_HEAD_LEN - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct isns_message m = { .data = message_bytes };
	struct isns_head head;

	isns_message_begin(&m);
	while (size >= ISNS_HEAD_LEN && !isns_head_parse(data, &head)) {
		if (head.length > size - ISNS_HEAD_LEN || isns_message_add(&m, &head, data + ISNS_HEAD_LEN))
			return 0;
		data += ISNS_HEAD_LEN + head.length;
		size -= ISNS_HEAD_LEN + head.length;
		if (!m.complete)
			continue;
		look_at(&m);
		isns_message_begin(&m);
	}
	return 0;
}
