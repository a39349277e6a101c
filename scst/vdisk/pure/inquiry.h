/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INQUIRY of a virtual disk (standard data and VPD pages), READ CAPACITY, and the rules for its identifiers. Pure.
 */
#ifndef VDISK_PURE_INQUIRY_H
#define VDISK_PURE_INQUIRY_H

#include "scsi_defs.h"

#define VDISK_VENDOR_LEN	8
#define VDISK_VEND_SPECIFIC_ID_LEN 128
#define VDISK_PROD_LEN		16
#define VDISK_REV_LEN		4
#define VDISK_REV_DEFAULT	"400 "
#define VDISK_DEVICE_NAME_LEN	256
#define VDISK_T10_ID_LEN	25
#define VDISK_USN_LEN		20
#define VDISK_INQ_VEND_LEN	160
#define VDISK_BINARY_ID_LEN	16	/* NAA and EUI-64 identifiers */

/**
 * struct scsi_inquiry_data - all that INQUIRY tells of a device through one port; made up for one call
 * @type: SCSI_TYPE_DISK or SCSI_TYPE_ROM
 * @dummy: placeholder device: qualifier 001b, type 1Fh
 * @port_unavailable: the local port group is unavailable or offline: qualifier 001b
 * @removable: RMB
 * @rotational: VPD B1h tells 15000 rpm, else non-rotating
 * @thin: VPD B2h exists, B0h has UNMAP limits
 * @lbprz: discarded blocks read as zeroes
 * @third_party_copy: 3PC
 * @third_party_page: VPD 8Fh is listed; the copy manager answers it
 * @volatile_cache: V_SUP
 * @dif_type: protection type, 0 = none
 * @dif_guard: guards are checked
 * @dif_app: application tags are checked
 * @dif_ref: reference tags are checked
 * @tpgs: TPGS: bit 0 implicit, bit 1 explicit
 * @t10_vendor: at most 8 characters, blank padded here; NULL is "" for this and all strings
 * @vend_specific_id: second part of the T10 designator
 * @product: at most 16 characters
 * @revision: at most 4 characters
 * @vendor_bytes: vendor specific bytes of the standard data
 * @serial: unit serial number
 * @t10_dev_id: its first 8 characters stand in for a missing EUI-64 and NAA identifier
 * @scsi_device_name: NULL or "" = no such designator
 * @eui64: EUI-64 based identifier
 * @eui64_len: 0, 8, 12 or 16
 * @naa: NAA identifier
 * @naa_len: 0, 8 or 16
 * @rel_tgt_id: relative target port identifier
 * @tpg_id: target port group, 0 = none
 * @phys_transport: version descriptor of the driver, 0 = none
 * @scsi_transport: version descriptor of the driver, 0 = none
 * @block_size: bytes per logical block
 * @max_caw_blocks: MAXIMUM COMPARE AND WRITE LENGTH, 0 = not supported
 * @granularity: bytes, OPTIMAL TRANSFER LENGTH GRANULARITY (page size)
 * @max_xfer: bytes, MAXIMUM TRANSFER LENGTH
 * @opt_xfer: bytes, OPTIMAL TRANSFER LENGTH; cut to @max_xfer
 * @max_write_same: bytes, MAXIMUM WRITE SAME LENGTH
 * @max_atomic: blocks, MAXIMUM ATOMIC TRANSFER LENGTH, 0 = WRITE ATOMIC is not supported
 * @aw_alignment: blocks, ATOMIC ALIGNMENT
 * @aw_granularity: blocks, ATOMIC TRANSFER LENGTH GRANULARITY
 * @max_unmap_blocks: MAXIMUM UNMAP LBA COUNT
 * @unmap_granularity: blocks
 * @unmap_alignment: blocks, valid with @unmap_alignment_valid
 * @unmap_alignment_valid: UGAVALID
 */
struct scsi_inquiry_data {
	u8 type;
	bool dummy;
	bool port_unavailable;
	bool removable;
	bool rotational;
	bool thin;
	bool lbprz;
	bool third_party_copy;
	bool third_party_page;
	bool volatile_cache;
	u8 dif_type;
	bool dif_guard;
	bool dif_app;
	bool dif_ref;
	u8 tpgs;

	const char *t10_vendor;
	const char *vend_specific_id;
	const char *product;
	const char *revision;
	const char *vendor_bytes;
	const char *serial;
	const char *t10_dev_id;
	const char *scsi_device_name;
	u8 eui64[VDISK_BINARY_ID_LEN];
	u8 eui64_len;
	u8 naa[VDISK_BINARY_ID_LEN];
	u8 naa_len;

	u16 rel_tgt_id;
	u16 tpg_id;
	u16 phys_transport;
	u16 scsi_transport;

	u32 block_size;
	u8 max_caw_blocks;
	u32 granularity;
	u32 max_xfer;
	u32 opt_xfer;
	u64 max_write_same;
	u32 max_atomic;
	u32 aw_alignment;
	u32 aw_granularity;
	u32 max_unmap_blocks;
	u32 unmap_granularity;
	u32 unmap_alignment;
	bool unmap_alignment_valid;
};

/**
 * scsi_inquiry_build() - data of INQUIRY (SPC-4 6.6)
 * @d: the device
 * @cdb: INQUIRY's CDB, checked by scsi_cdb_decode()
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_inquiry_build(const struct scsi_inquiry_data *d, const u8 *cdb,
		       u8 *buf, unsigned int size, struct scsi_sense *sense);

/* The designators of VPD page 83h that name the logical unit. Return: length of all, of which at most @size bytes were written. */
unsigned int scsi_lu_designators(const struct scsi_inquiry_data *d, u8 *buf, unsigned int size);

/**
 * struct scsi_capacity - what READ CAPACITY tells
 * @blocks: number of logical blocks
 * @block_size: bytes per logical block
 * @phys_exponent: log2 of logical blocks per physical block
 * @lowest_aligned: LOWEST ALIGNED LOGICAL BLOCK ADDRESS
 * @thin: LBPME
 * @lbprz: discarded blocks read as zeroes
 * @dif_type: protection type, 0 = none
 */
struct scsi_capacity {
	u64 blocks;
	u32 block_size;
	u8 phys_exponent;
	u16 lowest_aligned;
	bool thin;
	bool lbprz;
	u8 dif_type;
};

/* Data of READ CAPACITY(10) (8 bytes) and (16) (32 bytes), SBC-4 5.20, 5.21. Return: length of the whole answer. */
unsigned int scsi_read_capacity_10(const struct scsi_capacity *c, u8 *buf, unsigned int size);
unsigned int scsi_read_capacity_16(const struct scsi_capacity *c, u8 *buf, unsigned int size);

/**
 * vdisk_make_ids() - the identifiers a new device gets by itself
 * @setup_id: the global setup_id
 * @crc: CRC-32C (seed 0) over the device name including its NUL
 * @name: the device name
 * @usn: unit serial number
 * @t10_dev_id: T10 device id, cut to 25 characters
 */
void vdisk_make_ids(u32 setup_id, u32 crc, const char *name, char usn[VDISK_USN_LEN + 1],
		    char t10_dev_id[VDISK_T10_ID_LEN + 1]);

enum vdisk_binary_id {
	VDISK_ID_EUI64,
	VDISK_ID_NAA,
};

/**
 * vdisk_parse_binary_id() - read an EUI-64 or NAA identifier
 * @what: which one; EUI-64 has 8, 12 or 16 bytes, NAA 8 (first digit 2, 3, 5) or 16 (first digit 6)
 * @text: hex digits, optionally after 0x; empty clears
 * @id: the bytes, unchanged on failure
 * @len: how many, 0 = cleared
 *
 * Return: 0 or -EINVAL.
 */
int vdisk_parse_binary_id(enum vdisk_binary_id what, const char *text, u8 id[VDISK_BINARY_ID_LEN], u8 *len);

#endif /* VDISK_PURE_INQUIRY_H */
