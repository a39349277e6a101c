/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSNS protocol data units and the attributes in them (RFC 4171 clauses 5.1 and 6): composed, and taken apart within bounds. Pure.
 */
#ifndef ISNS_H
#define ISNS_H

#include "scst_pure.h"

#define ISNS_PORT		3205
#define ISNS_HEAD_LEN		12
#define ISNS_PAYLOAD_MAX	65532U		/* the length field has 16 bits, a payload whole words */
#define ISNS_MESSAGE_MAX	(1U << 20)	/* the longest sequence of PDUs that is put together */
#define ISNS_STRING_MAX		255		/* bytes of a name without its NUL */

enum isns_function {
	ISNS_DEV_ATTR_REG = 0x0001,
	ISNS_DEV_ATTR_QRY = 0x0002,
	ISNS_DEV_DEREG = 0x0004,
	ISNS_SCN_REG = 0x0005,
	ISNS_SCN = 0x0008,
	ISNS_ESI = 0x000d,
	ISNS_RESPONSE = 0x8000,
};

enum isns_flags {
	ISNS_CLIENT = 0x8000,
	ISNS_SERVER = 0x4000,
	ISNS_AUTH = 0x2000,
	ISNS_REPLACE = 0x1000,
	ISNS_LAST = 0x0800,
	ISNS_FIRST = 0x0400,
};

enum isns_tag {
	ISNS_DELIMITER = 0,
	ISNS_EID = 1,
	ISNS_ENTITY_PROTOCOL = 2,
	ISNS_REGISTRATION_PERIOD = 6,
	ISNS_PORTAL_IP = 16,
	ISNS_PORTAL_PORT = 17,
	ISNS_ESI_INTERVAL = 19,
	ISNS_ESI_PORT = 20,
	ISNS_SCN_PORT = 23,
	ISNS_ISCSI_NAME = 32,
	ISNS_NODE_TYPE = 33,
	ISNS_ISCSI_ALIAS = 34,
	ISNS_SCN_BITMAP = 35,
	ISNS_PORTAL_GROUP = 51,
};

#define ISNS_PROTOCOL_ISCSI	2
#define ISNS_NODE_TARGET	1
#define ISNS_NODE_INITIATOR	2

/* What a target wants to hear of: initiators and itself, coming, going and changed (clause 6.4.4). */
#define ISNS_SCN_WANTED		(0x80 | 0x10 | 0x08 | 0x04)

/**
 * struct isns_head - what a PDU says before its payload
 * @function: enum isns_function, perhaps with ISNS_RESPONSE
 * @length: bytes of payload
 * @flags: enum isns_flags
 * @xid: transaction id
 * @seq: number within the message, from 0 on
 */
struct isns_head {
	u16 function;
	u16 length;
	u16 flags;
	u16 xid;
	u16 seq;
};

/**
 * struct isns_message - a message that is put together of its PDUs
 * @data: of the caller, ISNS_MESSAGE_MAX bytes
 * @len: bytes of payload so far
 * @head: of the first PDU
 * @next: sequence number that has to come
 * @complete: the last one has come
 */
struct isns_message {
	u8 *data;
	u32 len;
	struct isns_head head;
	u32 next;
	bool complete;
};

/**
 * struct isns_attr - one attribute
 * @tag: enum isns_tag or another number
 * @len: bytes of value
 * @value: points into the payload
 */
struct isns_attr {
	u32 tag;
	u32 len;
	const u8 *value;
};

/**
 * struct isns_out - a PDU that is composed
 * @data: of the caller
 * @size: bytes at @data
 * @len: bytes so far, header included
 * @overflow: something did not fit; the PDU must not be sent
 */
struct isns_out {
	u8 *data;
	u32 size;
	u32 len;
	bool overflow;
};

/**
 * isns_head_parse - read a header
 * @bytes: ISNS_HEAD_LEN of them
 * @head: receives it
 *
 * Return: 0, or -EBADMSG: another version, a length that is not of whole words or too long, authentication, which is not offered.
 */
int isns_head_parse(const u8 *bytes, struct isns_head *head);

/**
 * isns_message_begin - forget the PDUs so far
 * @m: the message; @m->data stays
 */
void isns_message_begin(struct isns_message *m);

/**
 * isns_message_add - take one PDU
 * @m: the message
 * @head: of the PDU
 * @payload: @head->length bytes
 *
 * Return: 0 (look at @m->complete), or -EBADMSG: not the PDU that has to come next, or too much.
 */
int isns_message_add(struct isns_message *m, const struct isns_head *head, const u8 *payload);

/**
 * isns_attr_next - step through the attributes of a payload
 * @payload: its bytes, behind the status of a response
 * @len: how many
 * @pos: where to go on, 0 at first
 * @attr: receives the attribute
 *
 * Return: 1, 0 at the end, or -EBADMSG: an attribute that is not whole.
 */
int isns_attr_next(const u8 *payload, u32 len, u32 *pos, struct isns_attr *attr);

/**
 * isns_attr_string - the text in an attribute
 * @attr: the attribute
 *
 * Return: a NUL-terminated text of at most ISNS_STRING_MAX bytes, none of them a control byte, or NULL.
 */
const char *isns_attr_string(const struct isns_attr *attr);

/**
 * isns_attr_u32 - the number in an attribute
 * @attr: the attribute
 * @value: receives it
 *
 * Return: false when it holds none.
 */
bool isns_attr_u32(const struct isns_attr *attr, u32 *value);

/**
 * isns_status - status of a response; the attributes stand behind its four bytes
 * @m: the complete message
 * @function: that was asked
 *
 * Return: the status, 0 is success, or -EBADMSG when this is not a response to that.
 */
int isns_status(const struct isns_message *m, u16 function);

/**
 * isns_begin - start a PDU that is a message of its own
 * @out: where to
 * @function: enum isns_function
 * @flags: ISNS_REPLACE or 0
 * @xid: transaction id
 */
void isns_begin(struct isns_out *out, u16 function, u16 flags, u16 xid);

/* Append an attribute, isns_put_status() what comes before them. A text that is too long is an overflow. */
void isns_put(struct isns_out *out, u32 tag, const void *value, u32 len);
void isns_put_u32(struct isns_out *out, u32 tag, u32 value);
void isns_put_string(struct isns_out *out, u32 tag, const char *text);
void isns_put_status(struct isns_out *out, u32 status);

/**
 * isns_answer - compose what a server's SCN or ESI is answered with
 * @m: its complete message
 * @out: receives the PDU
 *
 * An SCN is answered with the name it was for, an ESI with all it said (clauses 5.7.5.8 and 5.7.5.13).
 *
 * Return: 0, or -EBADMSG: it deserves no answer.
 */
int isns_answer(const struct isns_message *m, struct isns_out *out);

#endif /* ISNS_H */
