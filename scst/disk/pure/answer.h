/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a disk of the host says, and what initiators are told instead: the disk knows one I_T nexus, that of the host. Pure.
 */
#ifndef SCST_DISK_ANSWER_H
#define SCST_DISK_ANSWER_H

#include "scsi_defs.h"

/**
 * struct scsi_host_port - the port through which the disk is seen
 * @rel_tgt_id: RELATIVE TARGET PORT IDENTIFIER
 * @max_xfer: bytes that one command may move
 * @block_size: bytes of a logical block, not 0
 * @copies: third-party copy commands go to the disk
 * @grouped: the device is in a device group: the core tells of its target port groups
 * @unavailable: the asymmetric access state of the port is unavailable or offline
 * @tpg_id: TARGET PORT GROUP of the port, 0: none
 */
struct scsi_host_port {
	u16 rel_tgt_id;
	u16 tpg_id;
	u32 max_xfer;
	u32 block_size;
	bool copies;
	bool grouped;
	bool unavailable;
};

/**
 * scsi_host_inquiry() - turn INQUIRY data of the disk into those of the logical unit behind @port
 * @port: see there
 * @cdb: the initiator's CDB
 * @buf: what the disk answered
 * @len: bytes of it
 * @size: room in @buf
 *
 * All: qualifier 001b where the port gives no access. Standard data: no ACA, no protection information, commands are queued,
 * several ports; ALUA and third-party copy are not the disk's. 00h: only pages that may be asked for. 83h: the designators of the disk's own port and target give way to ours.
 * 86h: no protection information, all task attributes of the core. B0h: the longest transfer. Other pages stay.
 *
 * Return: bytes of the answer, at most @size.
 */
unsigned int scsi_host_inquiry(const struct scsi_host_port *port, const u8 *cdb, u8 *buf, unsigned int len,
			       unsigned int size);

/* Pages about the disk's own ports and transport (SPC-4 7.8): nobody's business, and wrong for ours. */
bool scsi_host_page_hidden(u8 page);

/*
 * What nexuses have to hear of, whoever has asked, when the disk answers with sense data that begin with @response and say @code: a
 * unit attention, or that data of earlier commands are lost, with a deferred error (SPC-4 4.5.7) or because it could not flush its
 * cache (@of_flush); 0: nothing. For scsi_host_ua().
 */
scsi_sense_code scsi_host_news(u8 response, scsi_sense_code code, bool of_flush);

/* Do initiators repeat a command that ends so, and take it for good when the second one is? */
bool scsi_host_repeated(u8 response, scsi_sense_code code);

/* The unit attention that other nexuses get when the disk has reported @code; 0: none. */
scsi_sense_code scsi_host_ua(scsi_sense_code code);

/* Marks in @set, of SCSI_OP_ID_MAX bytes, which commands of the table REPORT SUPPORTED OPERATION CODES lists. */
void scsi_host_opcodes(const u8 *buf, unsigned int len, u8 *set);

/* READ CAPACITY(16) or, with @len 8, (10). False: too short, or nonsense. */
bool scsi_host_capacity(const u8 *buf, unsigned int len, u64 *blocks, u32 *block_size);

/**
 * struct scsi_host_control - what the core must know of the Control page (SPC-4 7.5.8)
 */
struct scsi_host_control {
	u8 tst;
	u8 qerr;
	u8 tas;
	u8 d_sense;
	u8 swp;
};

/* From MODE SENSE(10) of page 0Ah. False: it is not there. */
bool scsi_host_control(const u8 *buf, unsigned int len, struct scsi_host_control *out);

/* A file of that name, and one with two more bytes, can be made anywhere. */
#define SCSI_HOST_SERIAL_MAX	250

/*
 * The serial number out of VPD page 80h as the name of a file: without the blanks around it, and with '_' for all but letters,
 * digits and '-'. What does not fit into @size bytes with a final NUL is cut off. Returns the length, 0: there is none.
 */
unsigned int scsi_host_serial(const u8 *page, unsigned int len, char *name, unsigned int size);

/* Lets READ or WRITE of 6, 10, 12 or 16 bytes name another range. */
void scsi_host_set_range(u8 *cdb, unsigned int cdb_len, u64 lba, u32 blocks);

#endif /* SCST_DISK_ANSWER_H */
