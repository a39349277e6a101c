/* SPDX-License-Identifier: GPL-2.0 */
/*
 * T10 protection information (SBC-4 4.22): eight bytes per logical block, which modes a device may have, which checks a command
 * asks for. Pure: guards are computed by the caller.
 */
#ifndef VDISK_PURE_DIF_H
#define VDISK_PURE_DIF_H

#include "scsi_defs.h"

#define SCSI_DIF_LEN		8	/* bytes of protection information per block */
#define SCSI_DIF_NO_APP		0xffff	/* application tag: the block is not checked (type 3: with the reference tag below) */
#define SCSI_DIF_NO_REF		0xffffffffU
#define SCSI_DIF_PROTECT_MAX	5	/* highest code of RDPROTECT and its sisters */

/* Places where protection information is checked or kept; a set of them is a dif_mode. */
#define SCSI_DIF_TGT		0x01
#define SCSI_DIF_SCST		0x02
#define SCSI_DIF_DEV_CHECK	0x04
#define SCSI_DIF_DEV_STORE	0x08

enum scsi_dif_store {
	SCSI_DIF_NO_STORE,	/* nothing is kept: no dif_filename */
	SCSI_DIF_ON_FILE,	/* kept in a tag file, checked in the core alone */
	SCSI_DIF_ON_DEVICE,	/* a block device: the handler may check as well */
};

enum scsi_dif_result {
	SCSI_DIF_OK,
	SCSI_DIF_BAD_APP,
	SCSI_DIF_BAD_REF,
	SCSI_DIF_BAD_GUARD,
	SCSI_DIF_RESULTS,
};

/**
 * struct scsi_dif_conf - what an administrator chose
 * @type: 0 none, or 1 to 3
 * @mode: set of SCSI_DIF_TGT ...
 * @dpicz: DPICZ of the Control mode page, not his but the initiators': commands without tags of their own are not checked
 * @static_tag: dif_static_app_tag: application tag in bits 0-15, type 3: reference tag in bits 16-47; a part of 0 is not checked
 */
struct scsi_dif_conf {
	u8 type;
	u8 mode;
	bool dpicz;
	u64 static_tag;
};

/**
 * struct scsi_dif_rule - how the blocks of one command are checked, and what is made for them
 * @type: protection type
 * @guard: the guard is checked
 * @app: the application tag is, where @app_mask has bits, against @app_tag
 * @ref: the reference tag is, against @ref_tag
 * @app_tag: expected, and made
 * @app_mask: bits of the application tag that count
 * @ref_tag: of the first block; types 1 and 2: one more for each further block
 */
struct scsi_dif_rule {
	u8 type;
	bool guard;
	bool app;
	bool ref;
	u16 app_tag;
	u16 app_mask;
	u32 ref_tag;
};

/**
 * scsi_dif_mode_parse() - read a value of dif_mode
 * @text: words joined by '|'
 *
 * Return: a set of SCSI_DIF_TGT ..., or -EINVAL for an empty value and unknown words.
 */
int scsi_dif_mode_parse(const char *text);

/* Writes the words of @mode in their one order, without a NUL; returns the bytes written. */
int scsi_dif_mode_text(u8 mode, char *buf, size_t size);

/**
 * scsi_dif_conf_check() - do type and mode go together
 * @c: what was chosen
 * @has_file: a dif_filename was given
 * @store: what the handler can do
 *
 * Return: NULL, or the reason why not.
 */
const char *scsi_dif_conf_check(const struct scsi_dif_conf *c, bool has_file, enum scsi_dif_store store);

/* ATO of the Control mode page: application tags are kept as initiators write them and never replaced by the device. */
bool scsi_dif_ato(const struct scsi_dif_conf *c);
/* APP_CHK and REF_CHK of the Extended INQUIRY Data page; GRD_CHK is always set. */
bool scsi_dif_app_chk(const struct scsi_dif_conf *c);
bool scsi_dif_ref_chk(const struct scsi_dif_conf *c);

/**
 * scsi_dif_admit() - may this command come with the protection field it has
 * @c: decoded CDB of a command that has such a field
 * @type: the device's protection type, not 0
 * @sense: filled on failure
 *
 * Under type 2 only the 32-byte commands carry protection information (5/20/00), and they exist under type 2 alone; codes
 * above 5 are reserved (5/24/00).
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_dif_admit(const struct scsi_cdb *c, u8 type, struct scsi_sense *sense);

/**
 * scsi_dif_rule_of() - the checks that a command asks for (SBC-4, tables of RDPROTECT, WRPROTECT, VRPROTECT, ORPROTECT)
 * @c: what was chosen for the device
 * @cdb: the CDB
 * @info: the same, decoded
 * @protect: code to go by; mostly @info->protect
 * @rule: filled
 */
void scsi_dif_rule_of(const struct scsi_dif_conf *c, const u8 *cdb, const struct scsi_cdb *info, u8 protect,
		      struct scsi_dif_rule *rule);

/**
 * scsi_dif_check() - check one block
 * @rule: of the command
 * @tuple: protection information of the block
 * @crc: guard that its data should have
 * @n: number of the block in the command
 *
 * In this order: application tag, reference tag, guard. A tuple with escape values is not checked at all.
 */
enum scsi_dif_result scsi_dif_check(const struct scsi_dif_rule *rule, const u8 *tuple, u16 crc, u32 n);

/* Is the tuple one that disables all checks of its block? */
bool scsi_dif_escapes(u8 type, const u8 *tuple);

/* Makes the tuple of block @n whose data have the guard @crc. */
void scsi_dif_make(const struct scsi_dif_rule *rule, u16 crc, u32 n, u8 *tuple);

/**
 * scsi_dif_renew() - the tuple of a block whose data have changed
 * @rule: of the command
 * @crc: guard that the new data should have
 * @n: number of the block in the command
 * @sent: what the initiator sent for it; NULL: nothing
 * @tuple: what was stored; becomes the new one
 *
 * Tags that the device does not determine are the initiators': they stay what they were, unless it sent others. A block that
 * was not checked begins anew.
 */
void scsi_dif_renew(const struct scsi_dif_rule *rule, u16 crc, u32 n, const u8 *sent, u8 *tuple);

/* Moves a tuple of the first block on to block @n: WRITE SAME. */
void scsi_dif_step(u8 type, const u8 *first, u32 n, u8 *tuple);

/**
 * scsi_dif_compare() - compare two tuples byte by byte
 * @a: one
 * @b: the other
 * @guard: the guards count
 * @app: the application tags count; reference tags always do
 *
 * Return: in which part they differ, in the order of scsi_dif_check().
 */
enum scsi_dif_result scsi_dif_compare(const u8 *a, const u8 *b, bool guard, bool app);

scsi_sense_code scsi_dif_sense(enum scsi_dif_result result);
/* The same for a part that differs from what was sent to be compared with: MISCOMPARE. */
scsi_sense_code scsi_dif_miscompare(enum scsi_dif_result result);

/**
 * scsi_dif_format() - do FMTPINFO and PROTECTION FIELD USAGE describe the protection type (SBC-4 5.4.2)
 * @fmtpinfo: of the CDB
 * @usage: PROTECTION FIELD USAGE, 0 without a list
 * @type: of the device
 *
 * Return: 0 or the byte to blame: 1 of the CDB for FMTPINFO, 2: byte 0 of the list.
 */
unsigned int scsi_dif_format(u8 fmtpinfo, u8 usage, u8 type);

#endif /* VDISK_PURE_DIF_H */
