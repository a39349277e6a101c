// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations: first byte 'i' = a saved image, 't' = the text of pr_state, else a service action whose parameter
 * list follows type and scope. What was taken must come back unchanged from its saved forms.
 *
 * links: scst/pure/pr_core.c scst/pure/pr_list.c scst/pure/pr_in.c scst/pure/pr_image.c
 */
#include <stdlib.h>

#include "scst/pure/pr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)
#define CAP	16

static struct scsi_pr_table *table(void)
{
	struct scsi_pr_table *t = calloc(1, sizeof(*t) + CAP * sizeof(t->regs[0]));

	MUST(t);
	t->cap = CAP;
	return t;
}

/* Out and in again, by both forms. */
static void round_trip(const struct scsi_pr_table *t)
{
	unsigned int len = scsi_pr_image_put(t, NULL, 0), n = scsi_pr_text_put(t, NULL, 0);
	struct scsi_pr_table *again = table();
	u8 *image = malloc(len);
	char *text = malloc(n + 1);

	MUST(image && text);
	MUST(scsi_pr_image_put(t, image, len) == len);
	scsi_pr_image_sign(image);
	MUST(!scsi_pr_image_get(again, image, len));
	MUST(again->nr == t->nr && again->type == t->type);
	MUST(scsi_pr_text_put(t, text, n) == n);
	text[n] = '\0';
	MUST(!scsi_pr_text_get(again, text));
	MUST(again->nr == t->nr && again->type == t->type && again->generation == t->generation);
	free(image);
	free(text);
	free(again);
}

static void answers(const struct scsi_pr_table *t, unsigned int size)
{
	u8 *buf = malloc(size ? size : 1);

	MUST(buf);
	MUST(scsi_pr_read_keys(t, buf, size) == 8 + 8 * t->nr);
	scsi_pr_read_reservation(t, buf, size);
	scsi_pr_report_capabilities(t, buf, size);
	scsi_pr_read_full_status(t, buf, size);
	free(buf);
}

static void out(const uint8_t *data, size_t size)
{
	static const u16 ports[] = { 1, 2 };
	u8 cdb[10] = { 0x5f, data[0] & 0x07, data[1] }, me[40] = { 0x45, 0, 0, 36 };
	u32 len = size - 2;
	struct scsi_sense sense = { 0 };
	struct scsi_pr_table *t = table();
	struct scsi_pr_id self, known[2];
	struct scsi_pr_req rq;

	put_unaligned_be32(len, cdb + 5);
	memcpy(me + 4, "iqn.a:b,i,0x000000000001", 24);
	MUST(scsi_tid_parse(me, sizeof(me), &self) > 0);
	self.port = 1;
	known[0] = known[1] = self;
	known[1].tid[27] = '2';
	if (scsi_pr_parse(cdb, data + 2, len, &rq, &sense)) {
		MUST(sense.code);
		free(t);
		return;
	}
	rq.self = &self;
	rq.ports = ports;
	rq.nr_ports = 2;
	rq.known = known;
	rq.nr_known = 2;
	/* registered with the key of the list, holder of type 1; another one with the key it names */
	t->nr = data[0] & 0x80 ? 2 : 0;
	if (t->nr) {
		t->regs[0] = (struct scsi_pr_reg){ .id = self, .key = rq.key ? rq.key : 1, .holder = true };
		t->regs[1] = (struct scsi_pr_reg){ .id = known[1], .key = rq.sa_key ? rq.sa_key : 2 };
		t->type = 1;
	}
	if (scsi_pr_apply(t, &rq, &sense) == SCSI_PR_GOOD) {
		scsi_pr_settle(t);
		MUST(t->nr <= CAP);
		round_trip(t);
		answers(t, data[1]);
	}
	free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scsi_pr_table *t;
	char *text;

	if (size < 2)
		return 0;
	if (data[0] != 'i' && data[0] != 't') {
		out(data, size);
		return 0;
	}
	t = table();
	text = malloc(size);
	MUST(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (!(data[0] == 'i' ? scsi_pr_image_get(t, (u8 *)text, size - 1) : scsi_pr_text_get(t, text))) {
		round_trip(t);
		answers(t, 64);
	}
	free(text);
	free(t);
	return 0;
}
