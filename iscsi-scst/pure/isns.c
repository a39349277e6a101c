// SPDX-License-Identifier: GPL-2.0
/*
 * iSNS PDUs and attributes. The peer is a server somebody has named, over a network anybody may be on: every length is held
 * against the bytes that have come before it is used.
 */
#include "isns.h"

#define VERSION		1
#define ATTR_HEAD_LEN	8

int isns_head_parse(const u8 *bytes, struct isns_head *head)
{
	head->function = get_unaligned_be16(bytes + 2);
	head->length = get_unaligned_be16(bytes + 4);
	head->flags = get_unaligned_be16(bytes + 6);
	head->xid = get_unaligned_be16(bytes + 8);
	head->seq = get_unaligned_be16(bytes + 10);
	if (get_unaligned_be16(bytes) != VERSION || head->length % 4 || (head->flags & ISNS_AUTH))
		return -EBADMSG;
	return 0;
}

void isns_message_begin(struct isns_message *m)
{
	m->len = 0;
	m->next = 0;
	m->complete = false;
}

int isns_message_add(struct isns_message *m, const struct isns_head *head, const u8 *payload)
{
	bool first = !m->next;

	if (m->complete || head->seq != m->next || !(head->flags & ISNS_FIRST) == first)
		return -EBADMSG;
	if (!first && (head->function != m->head.function || head->xid != m->head.xid))
		return -EBADMSG;
	if (head->length > ISNS_MESSAGE_MAX - m->len)
		return -EBADMSG;
	if (first)
		m->head = *head;
	memcpy(m->data + m->len, payload, head->length);
	m->len += head->length;
	m->next++;
	m->complete = head->flags & ISNS_LAST;
	return 0;
}

int isns_attr_next(const u8 *payload, u32 len, u32 *pos, struct isns_attr *attr)
{
	u32 left = len - *pos;

	if (!left)
		return 0;
	if (left < ATTR_HEAD_LEN)
		return -EBADMSG;
	attr->tag = get_unaligned_be32(payload + *pos);
	attr->len = get_unaligned_be32(payload + *pos + 4);
	attr->value = payload + *pos + ATTR_HEAD_LEN;
	if (attr->len > left - ATTR_HEAD_LEN || attr->len % 4)
		return -EBADMSG;
	*pos += ATTR_HEAD_LEN + attr->len;
	return 1;
}

const char *isns_attr_string(const struct isns_attr *attr)
{
	const u8 *end = attr->len ? memchr(attr->value, '\0', attr->len) : NULL;
	const u8 *p;

	if (!end || end - attr->value > ISNS_STRING_MAX)
		return NULL;
	for (p = attr->value; p < end; p++)
		if (*p < 0x20 || *p == 0x7f)
			return NULL;
	return (const char *)attr->value;
}

bool isns_attr_u32(const struct isns_attr *attr, u32 *value)
{
	if (attr->len != 4)
		return false;
	*value = get_unaligned_be32(attr->value);
	return true;
}

int isns_status(const struct isns_message *m, u16 function)
{
	u32 status;

	if (!m->complete || m->head.function != (function | ISNS_RESPONSE) || m->len < 4)
		return -EBADMSG;
	status = get_unaligned_be32(m->data);
	return status > 0xffff ? 0xffff : (int)status;
}

/* The length in the header is right after each step. */
static void put_bytes(struct isns_out *out, const void *bytes, u32 len)
{
	u32 padded = (len + 3) & ~3U;

	if (out->overflow || len > ISNS_PAYLOAD_MAX || padded > out->size - out->len ||
	    out->len + padded > ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX) {
		out->overflow = true;
		return;
	}
	if (len)
		memcpy(out->data + out->len, bytes, len);
	memset(out->data + out->len + len, 0, padded - len);
	out->len += padded;
	put_unaligned_be16((u16)(out->len - ISNS_HEAD_LEN), out->data + 4);
}

void isns_begin(struct isns_out *out, u16 function, u16 flags, u16 xid)
{
	out->len = ISNS_HEAD_LEN;
	out->overflow = out->size < ISNS_HEAD_LEN;
	if (out->overflow)
		return;
	put_unaligned_be16(VERSION, out->data);
	put_unaligned_be16(function, out->data + 2);
	put_unaligned_be16(0, out->data + 4);
	put_unaligned_be16(flags | ISNS_CLIENT | ISNS_FIRST | ISNS_LAST, out->data + 6);
	put_unaligned_be16(xid, out->data + 8);
	put_unaligned_be16(0, out->data + 10);
}

void isns_put(struct isns_out *out, u32 tag, const void *value, u32 len)
{
	u8 head[ATTR_HEAD_LEN];

	put_unaligned_be32(tag, head);
	put_unaligned_be32((len + 3) & ~3U, head + 4);
	put_bytes(out, head, sizeof(head));
	put_bytes(out, value, len);
}

void isns_put_u32(struct isns_out *out, u32 tag, u32 value)
{
	u8 bytes[4];

	put_unaligned_be32(value, bytes);
	isns_put(out, tag, bytes, sizeof(bytes));
}

void isns_put_string(struct isns_out *out, u32 tag, const char *text)
{
	size_t len = strlen(text);

	if (len > ISNS_STRING_MAX)
		out->overflow = true;
	else
		isns_put(out, tag, text, (u32)len + 1);
}

void isns_put_status(struct isns_out *out, u32 status)
{
	u8 bytes[4];

	put_unaligned_be32(status, bytes);
	put_bytes(out, bytes, sizeof(bytes));
}

/* The destination, which is the first attribute and has to be a name. */
static int answer_scn(const struct isns_message *m, struct isns_out *out)
{
	struct isns_attr attr;
	u32 pos = 0;

	if (isns_attr_next(m->data, m->len, &pos, &attr) <= 0 || attr.tag != ISNS_ISCSI_NAME || !isns_attr_string(&attr))
		return -EBADMSG;
	isns_put(out, attr.tag, attr.value, attr.len);
	return 0;
}

static int answer_esi(const struct isns_message *m, struct isns_out *out)
{
	struct isns_attr attr;
	u32 pos = 0;
	int ret;

	while ((ret = isns_attr_next(m->data, m->len, &pos, &attr)) > 0)
		isns_put(out, attr.tag, attr.value, attr.len);
	return ret;
}

int isns_answer(const struct isns_message *m, struct isns_out *out)
{
	int ret;

	if (!m->complete || (m->head.function != ISNS_SCN && m->head.function != ISNS_ESI))
		return -EBADMSG;
	isns_begin(out, m->head.function | ISNS_RESPONSE, 0, m->head.xid);
	isns_put_status(out, 0);
	ret = m->head.function == ISNS_SCN ? answer_scn(m, out) : answer_esi(m, out);
	if (ret)
		return ret;
	return out->overflow ? -EBADMSG : 0;
}
