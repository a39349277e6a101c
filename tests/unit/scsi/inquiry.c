// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY, VPD pages and READ CAPACITY against the bytes of a running target.
 *
 * links: scst/vdisk/pure/inquiry.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/vdisk/pure/inquiry.h"

/* A fileio disk of 64 MiB in 512-byte blocks, seen over iSCSI. */
static const struct scsi_inquiry_data disk01 = {
	.type = SCSI_TYPE_DISK, .rotational = true, .third_party_copy = true, .volatile_cache = true, .tpgs = 1,
	.t10_vendor = "SCST_FIO", .vend_specific_id = "27cddc71-disk01", .product = "disk01",
	.revision = VDISK_REV_DEFAULT, .serial = "27cddc71", .t10_dev_id = "27cddc71-disk01", .rel_tgt_id = 1,
	.scsi_transport = SCSI_VERSION_ISCSI,
	.block_size = 512, .max_caw_blocks = 255, .granularity = 4096, .max_xfer = 8 << 20, .opt_xfer = 512 << 10,
	.max_write_same = 256 << 20,
};

static struct scsi_inquiry_data thin_disk02(void)
{
	struct scsi_inquiry_data d = disk01;

	d.tpgs = 0;
	d.vend_specific_id = d.t10_dev_id = "132a74e8-disk02";
	d.product = "disk02";
	d.serial = "132a74e8";
	d.block_size = 4096;
	d.thin = true;
	d.max_unmap_blocks = 0x10000;
	d.unmap_granularity = 1;
	return d;
}

static int inquiry(const struct scsi_inquiry_data *d, u8 evpd, u8 page, u8 *buf, unsigned int size)
{
	const u8 cdb[6] = { SCSI_OP_INQUIRY, evpd, page, 2, 0 };
	struct scsi_sense sense = { 0 };
	int len = scsi_inquiry_build(d, cdb, buf, size, &sense);

	if (len < 0) {
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		assert_int_equal(sense.field, 2);
	}
	return len;
}

static void expect(const struct scsi_inquiry_data *d, u8 evpd, u8 page, const char *want)
{
	char what[32];
	u8 buf[512];
	int len = inquiry(d, evpd, page, buf, sizeof(buf));

	snprintf(what, sizeof(what), "%s %02x", evpd ? "VPD page" : "standard", page);
	assert_true(len > 0);
	check_bytes(what, buf, len, want);
}

/* As observed, but for the revision. */
static void standard_data(void **state)
{
	struct scsi_inquiry_data d = thin_disk02();

	expect(&disk01, 0, 0,
	       "00 00 06 22 3d 18 10 02  53 43 53 54 5f 46 49 4f\n"
	       "64 69 73 6b 30 31 20 20  20 20 20 20 20 20 20 20\n"
	       "34 30 30 20 00 00 00 00  00 00 00 00 00 00 00 00\n"
	       "00 00 00 00 00 00 00 00  00 00 00 8b 09 60 04 63\n"
	       "04 c0");
	expect(&d, 0, 0,
	       "00 00 06 22 3d 08 10 02  53 43 53 54 5f 46 49 4f\n"
	       "64 69 73 6b 30 32 20 20  20 20 20 20 20 20 20 20\n"
	       "34 30 30 20 00 00 00 00  00 00 00 00 00 00 00 00\n"
	       "00 00 00 00 00 00 00 00  00 00 00 8b 09 60 04 63\n"
	       "04 c0");
}

static void standard_variants(void **state)
{
	struct scsi_inquiry_data d = disk01;
	u8 buf[512];

	d.dummy = true;
	d.removable = true;
	d.tpgs = 3;
	d.third_party_copy = false;
	d.dif_type = 1;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 66);
	check_bytes("dummy, removable, PROTECT", buf, 8, "3f 80 06 22 3d 31 10 02");

	d = disk01;
	d.port_unavailable = true;
	inquiry(&d, 0, 0, buf, sizeof(buf));
	assert_int_equal(buf[0], 0x20);
	inquiry(&d, 1, 0, buf, sizeof(buf));
	assert_int_equal(buf[0], 0x20);

	d = disk01;
	d.type = SCSI_TYPE_ROM;
	d.phys_transport = 0x0d60;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 66);
	check_bytes("ROM descriptors", buf + 58, 8, "00 8b 0d 60 09 60 04 63");
	assert_int_equal(buf[0], 5);

	d.phys_transport = d.scsi_transport = 0;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 62);
}

static void text_is_cut_and_padded(void **state)
{
	struct scsi_inquiry_data d = disk01;
	u8 buf[512];

	d.t10_vendor = "ACME";
	d.product = "seventeen letters";
	d.revision = NULL;
	inquiry(&d, 0, 0, buf, sizeof(buf));
	assert_memory_equal(buf + 8, "ACME    seventeen letter    ", 28);
}

/* Up to 20 vendor specific bytes fit in front of the descriptors, more go behind. */
static void vendor_specific_bytes(void **state)
{
	struct scsi_inquiry_data d = disk01;
	char text[200];
	u8 buf[512];

	memset(text, 'v', sizeof(text));
	text[199] = '\0';
	d.vendor_bytes = text + 199 - 20;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 66);
	assert_memory_equal(buf + 36, text, 20);
	check_bytes("after them", buf + 56, 4, "00 00 00 8b");
	d.vendor_bytes = text + 199 - 21;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 96 + 21);
	assert_int_equal(buf[4], 96 + 21 - 5);
	assert_int_equal(buf[36], 0);
	assert_memory_equal(buf + 96, text, 21);
	d.vendor_bytes = text;
	assert_int_equal(inquiry(&d, 0, 0, buf, sizeof(buf)), 96 + 160);
	assert_int_equal(buf[4], 96 + 160 - 5);
}

static void vpd_of_a_thick_disk(void **state)
{
	u8 buf[512];

	expect(&disk01, 1, 0x00, "00 00 00 06 00 80 83 86  b0 b1");
	expect(&disk01, 1, 0x80, "00 80 00 08 32 37 63 64  64 63 37 31");
	expect(&disk01, 1, 0x83,
	       "00 83 00 2f 02 01 00 17  53 43 53 54 5f 46 49 4f\n"
	       "32 37 63 64 64 63 37 31  2d 64 69 73 6b 30 31 01\n"
	       "14 00 04 00 00 00 01 01  02 00 08 32 37 63 64 64\n"
	       "63 37 31");
	expect(&disk01, 1, 0x86, "00 86 00 3c 00 07 01 01 00*56");
	/* as observed, but WSNZ is 0 here */
	expect(&disk01, 1, 0xb0,
	       "00 b0 00 3c 00 ff 00 08  00 00 40 00 00 00 04 00\n"
	       "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
	       "00 00 00 00 00 00 00 00  00 08 00 00 00*20");
	expect(&disk01, 1, 0xb1, "00 b1 00 3c 3a 98 00*58");
	assert_int_equal(inquiry(&disk01, 1, 0xb2, buf, sizeof(buf)), -EINVAL);
}

static void vpd_of_a_thin_disk(void **state)
{
	struct scsi_inquiry_data d = thin_disk02();

	expect(&d, 1, 0x00, "00 00 00 07 00 80 83 86  b0 b1 b2");
	expect(&d, 1, 0xb0,
	       "00 b0 00 3c 00 ff 00 01  00 00 08 00 00 00 00 80\n"
	       "00 00 00 00 00 01 00 00  00 00 0f ff 00 00 00 01\n"
	       "00 00 00 00 00 00 00 00  00 01 00 00 00*20");
	expect(&d, 1, 0xb2, "00 b2 00 04 00 e0 02 00");
	d.lbprz = true;
	d.rotational = false;
	d.unmap_granularity = 8;
	d.unmap_alignment = 3;
	d.unmap_alignment_valid = true;
	d.opt_xfer = 16 << 20;	/* no better than the maximum */
	d.block_size = 512;
	expect(&d, 1, 0xb0,
	       "00 b0 00 3c 00 ff 00 08  00 00 40 00 00 00 40 00\n"
	       "00 00 00 00 00 01 00 00  00 00 0f ff 00 00 00 08\n"
	       "80 00 00 03 00 00 00 00  00 08 00 00 00*20");
	expect(&d, 1, 0xb1, "00 b1 00 3c 00 01 00 40 00*56");
	expect(&d, 1, 0xb2, "00 b2 00 04 00 e4 02 00");
}

/* SBC-4 6.6.4: what a loss of power leaves whole; nothing of it is told by a disk that cannot do it. */
static void limits_of_atomic_writes(void **state)
{
	struct scsi_inquiry_data d = disk01;

	d.aw_alignment = 16;
	d.aw_granularity = 8;
	expect(&d, 1, 0xb0,
	       "00 b0 00 3c 00 ff 00 08  00 00 40 00 00 00 04 00\n"
	       "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
	       "00 00 00 00 00 00 00 00  00 08 00 00 00*20");
	d.max_atomic = 256;
	expect(&d, 1, 0xb0,
	       "00 b0 00 3c 00 ff 00 08  00 00 40 00 00 00 04 00\n"
	       "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
	       "00 00 00 00 00 00 00 00  00 08 00 00 00 00 01 00\n"
	       "00 00 00 10 00 00 00 08  00*8");
}

/* What is printed for a second handler and with every designator there is. */
static void device_identification(void **state)
{
	struct scsi_inquiry_data d = disk01;

	d.t10_vendor = "SCST_BIO";
	d.vend_specific_id = d.t10_dev_id = "88ec9f-disk03";
	d.rel_tgt_id = 2;
	expect(&d, 1, 0x83,
	       "00 83 00 2d 02 01 00 15  53 43 53 54 5f 42 49 4f\n"
	       "38 38 65 63 39 66 2d 64  69 73 6b 30 33 01 14 00\n"
	       "04 00 00 00 02 01 02 00  08 38 38 65 63 39 66 2d\n"
	       "64");
	d.vend_specific_id = "x";
	d.scsi_device_name = "iqn.a";
	d.tpg_id = 0x102;
	assert_int_equal(hex_bytes("60 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", d.naa, 16), 16);
	d.naa_len = 16;
	expect(&d, 1, 0x83,
	       "00 83 00 3d 03 28 00 08 69 71 6e 2e 61 00 00 00\n"
	       "02 01 00 09 53 43 53 54 5f 42 49 4f 78\n"
	       "01 14 00 04 00 00 00 02 01 15 00 04 00 00 01 02\n"
	       "01 03 00 10 60 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f");
	d.scsi_device_name = "iqn";	/* with its NUL a multiple of 4 already */
	d.tpg_id = 0;
	assert_int_equal(hex_bytes("50 11 22 33 44 55 66 77", d.naa, 16), 8);
	d.naa_len = 8;
	assert_int_equal(hex_bytes("00 11 22 33 44 55 66 77", d.eui64, 16), 8);
	d.eui64_len = 8;
	expect(&d, 1, 0x83,
	       "00 83 00 35 03 28 00 04 69 71 6e 00\n"
	       "02 01 00 09 53 43 53 54 5f 42 49 4f 78\n"
	       "01 14 00 04 00 00 00 02\n"
	       "01 02 00 08 00 11 22 33 44 55 66 77\n"
	       "01 03 00 08 50 11 22 33 44 55 66 77");
	d = disk01;
	d.vend_specific_id = d.t10_vendor = NULL;
	d.t10_dev_id = "abc";
	expect(&d, 1, 0x83, "00 83 00 20 02 01 00 08 20*8 01 14 00 04 00 00 00 01 01 02 00 08 61 62 63 00*5");
}

static void the_longest_name_fits_its_length_byte(void **state)
{
	struct scsi_inquiry_data d = disk01;
	char name[VDISK_DEVICE_NAME_LEN + 1];
	u8 buf[1024];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	d.scsi_device_name = name;
	inquiry(&d, 1, 0x83, buf, sizeof(buf));
	assert_int_equal(buf[7], 252);
	assert_int_equal(buf[8 + 250], 'n');
	assert_int_equal(buf[8 + 251], 0);
	assert_int_equal(buf[8 + 252], 2);
}

static void extended_page_of_protected_disks(void **state)
{
	static const u8 want[4] = { 0, 0x05, 0x15, 0x25 };
	struct scsi_inquiry_data d = disk01;
	u8 buf[64];

	d.volatile_cache = false;
	d.dif_guard = d.dif_ref = true;
	for (d.dif_type = 0; d.dif_type < 4; d.dif_type++) {
		assert_int_equal(inquiry(&d, 1, 0x86, buf, sizeof(buf)), 64);
		assert_int_equal(buf[4], want[d.dif_type]);
		assert_int_equal(buf[6], 0);
	}
	d.dif_type = 1;
	d.dif_app = true;
	inquiry(&d, 1, 0x86, buf, sizeof(buf));
	assert_int_equal(buf[4], 0x07);
}

static void unknown_pages_are_refused(void **state)
{
	struct scsi_inquiry_data rom = disk01;
	unsigned int page;
	u8 buf[512];

	rom.type = SCSI_TYPE_ROM;
	rom.thin = true;
	for (page = 1; page < 256; page++) {
		assert_int_equal(inquiry(&disk01, 0, page, buf, sizeof(buf)), -EINVAL);
		if (page != 0x80 && page != 0x83 && page != 0x86) {
			assert_int_equal(inquiry(&rom, 1, page, buf, sizeof(buf)), -EINVAL);
			if (page != 0xb0 && page != 0xb1)
				assert_int_equal(inquiry(&disk01, 1, page, buf, sizeof(buf)), -EINVAL);
		}
	}
	expect(&rom, 1, 0, "05 00 00 04 00 80 83 86");
}

/* Every page that is listed exists, and its length field tells the truth. */
static void the_list_of_pages_is_true(void **state)
{
	struct scsi_inquiry_data d = thin_disk02();
	u8 list[64], buf[512];
	int n = inquiry(&d, 1, 0, list, sizeof(list)), i, len;

	for (i = 4; i < n; i++) {
		len = inquiry(&d, 1, list[i], buf, sizeof(buf));
		assert_true(len > 4);
		assert_int_equal(buf[1], list[i]);
		assert_int_equal(get_unaligned_be16(buf + 2), len - 4);
	}
}

/* A disk that copies says so; the page itself is the copy manager's. */
static void page_of_copies_is_listed(void **state)
{
	struct scsi_inquiry_data d = disk01;

	d.third_party_page = true;
	expect(&d, 1, 0, "00 00 00 07 00 80 83 86 8f b0 b1");
}

/* EXTENDED COPY finds a disk by what page 83h tells of the logical unit, and by nothing of the port. */
static void logical_unit_designators(void **state)
{
	struct scsi_inquiry_data d = disk01;
	u8 page[512], ids[256];
	unsigned int n = scsi_lu_designators(&d, ids, sizeof(ids)), at, found = 0;
	int len = inquiry(&d, 1, 0x83, page, sizeof(page));

	for (at = 4; at < (unsigned int)len; at += 4 + page[at + 3]) {
		if (page[at + 1] & 0x30)
			continue;
		assert_memory_equal(ids + found, page + at, 4 + page[at + 3]);
		found += 4 + page[at + 3];
	}
	assert_int_equal(n, found);
	assert_true(n > 8);
	assert_int_equal(scsi_lu_designators(&d, ids, 5), n);
}

static void never_beyond_the_buffer(void **state)
{
	static const u8 pages[] = { 0, 0x80, 0x83, 0x86, 0xb0, 0xb1, 0xb2 };
	struct scsi_inquiry_data d = thin_disk02();
	u8 whole[512], *cut;
	unsigned int i;
	int len, size;

	for (i = 0; i <= ARRAY_SIZE(pages); i++) {
		bool standard = i == ARRAY_SIZE(pages);
		u8 page = standard ? 0 : pages[i];

		len = inquiry(&d, !standard, page, whole, sizeof(whole));
		for (size = 0; size <= len; size++) {
			cut = malloc(size ? size : 1);
			assert_int_equal(inquiry(&d, !standard, page, cut, size), len);
			assert_memory_equal(cut, whole, size);
			free(cut);
		}
	}
}

static void capacity(void **state)
{
	struct scsi_capacity c = { .blocks = 131072, .block_size = 512, .phys_exponent = 3 };
	u8 buf[32];

	check_bytes("10", buf, scsi_read_capacity_10(&c, buf, 32), "00 01 ff ff 00 00 02 00");
	check_bytes("16", buf, scsi_read_capacity_16(&c, buf, 32), "00 00 00 00 00 01 ff ff  00 00 02 00 00 03 00*18");
	c = (struct scsi_capacity){ .blocks = 16384, .block_size = 4096, .thin = true };
	check_bytes("thin", buf, scsi_read_capacity_16(&c, buf, 32), "00 00 00 00 00 00 3f ff  00 00 10 00 00 00 80 00*17");
	c.lbprz = true;
	c.lowest_aligned = 7;
	c.dif_type = 2;
	check_bytes("all", buf, scsi_read_capacity_16(&c, buf, 32),
		    "00 00 00 00 00 00 3f ff  00 00 10 00 03 00 c0 07 00*16");
	c.dif_type = 1;
	scsi_read_capacity_16(&c, buf, 32);
	assert_int_equal(buf[12], 1);
	c.dif_type = 3;
	scsi_read_capacity_16(&c, buf, 32);
	assert_int_equal(buf[12], 5);
	c.blocks = 0xffffffffULL;
	check_bytes("just fits", buf, scsi_read_capacity_10(&c, buf, 32), "ff ff ff fe 00 00 10 00");
	c.blocks = 1ULL << 40;
	check_bytes("too large for (10)", buf, scsi_read_capacity_10(&c, buf, 32), "ff*4 00 00 10 00");
	c.blocks = 0;
	check_bytes("none", buf, scsi_read_capacity_10(&c, buf, 32), "00*4 00 00 10 00");
}

static void automatic_ids(void **state)
{
	char usn[VDISK_USN_LEN + 1], id[VDISK_T10_ID_LEN + 1];

	vdisk_make_ids(0, 0x27cddc71, "disk01", usn, id);
	assert_string_equal(usn, "27cddc71");
	assert_string_equal(id, "27cddc71-disk01");
	vdisk_make_ids(0xabcd, 0x27, "a-name-that-is-too-long", usn, id);
	assert_string_equal(usn, "abcd00000027");
	assert_string_equal(id, "abcd00000027-a-name-that-");
	vdisk_make_ids(0xffffffff, 0xffffffff, "d", usn, id);
	assert_string_equal(usn, "ffffffffffffffff");
}

static void binary_ids(void **state)
{
	static const struct {
		enum vdisk_binary_id what;
		const char *text;
		int len;	/* -1: refused */
	} cases[] = {
		{ VDISK_ID_NAA, "", 0 },
		{ VDISK_ID_NAA, "0x", 0 },
		{ VDISK_ID_NAA, "2011223344556677", 8 },
		{ VDISK_ID_NAA, "0x3011223344556677", 8 },
		{ VDISK_ID_NAA, "0X50aAbBcCdDeEfF00", 8 },
		{ VDISK_ID_NAA, "60112233445566778899aabbccddeeff", 16 },
		{ VDISK_ID_NAA, "1011223344556677", -1 },
		{ VDISK_ID_NAA, "6011223344556677", -1 },
		{ VDISK_ID_NAA, "50112233445566778899aabbccddeeff", -1 },
		{ VDISK_ID_NAA, "501122334455667788990011", -1 },
		{ VDISK_ID_NAA, "50112233445566", -1 },
		{ VDISK_ID_NAA, "501122334455667", -1 },
		{ VDISK_ID_NAA, "501122334455667g", -1 },
		{ VDISK_ID_NAA, "5011223344 56677", -1 },
		{ VDISK_ID_NAA, "60112233445566778899aabbccddeeff00", -1 },
		{ VDISK_ID_NAA, "0x0x5011223344556677", -1 },
		{ VDISK_ID_EUI64, "0011223344556677", 8 },
		{ VDISK_ID_EUI64, "001122334455667788990011", 12 },
		{ VDISK_ID_EUI64, "0x00112233445566778899001122334455", 16 },
		{ VDISK_ID_EUI64, "00112233445566778899", -1 },
		{ VDISK_ID_EUI64, "zz11223344556677", -1 },
	};
	u8 id[VDISK_BINARY_ID_LEN], len;
	unsigned int i;
	bool bad;
	int r;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bad = cases[i].len < 0;
		memset(id, 0xee, sizeof(id));
		len = 99;
		r = vdisk_parse_binary_id(cases[i].what, cases[i].text, id, &len);
		if (r != (bad ? -EINVAL : 0) || len != (bad ? 99 : cases[i].len))
			fail_msg("'%s' gave %d, length %u", cases[i].text, r, len);
		if (bad)
			assert_int_equal(id[0], 0xee);	/* a refused value changes nothing */
	}
	vdisk_parse_binary_id(VDISK_ID_NAA, "0x50aAbBcCdDeEfF00", id, &len);
	check_bytes("NAA", id, len, "50 aa bb cc dd ee ff 00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_data),
		cmocka_unit_test(standard_variants),
		cmocka_unit_test(text_is_cut_and_padded),
		cmocka_unit_test(vendor_specific_bytes),
		cmocka_unit_test(vpd_of_a_thick_disk),
		cmocka_unit_test(vpd_of_a_thin_disk),
		cmocka_unit_test(limits_of_atomic_writes),
		cmocka_unit_test(device_identification),
		cmocka_unit_test(the_longest_name_fits_its_length_byte),
		cmocka_unit_test(extended_page_of_protected_disks),
		cmocka_unit_test(unknown_pages_are_refused),
		cmocka_unit_test(the_list_of_pages_is_true),
		cmocka_unit_test(page_of_copies_is_listed),
		cmocka_unit_test(logical_unit_designators),
		cmocka_unit_test(never_beyond_the_buffer),
		cmocka_unit_test(capacity),
		cmocka_unit_test(automatic_ids),
		cmocka_unit_test(binary_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
