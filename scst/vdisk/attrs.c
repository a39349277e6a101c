// SPDX-License-Identifier: GPL-2.0
/*
 * The files of a virtual disk in sysfs: one table per handler, rows shared by macros.
 */
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "vdisk.h"

static struct vdisk_dev *attr_vdisk(void *obj)
{
	return to_vdisk(obj);
}

/* ---------------------------------------------------------- numbers and flags */

static int show_u8(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", *((u8 *)attr_vdisk(obj) + a->arg));
}

/* Strictly 0 or 1. */
static int store_01(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	u8 on;
	int err = kstrtou8(text, 0, &on);

	if (!err && on > 1)
		err = -EINVAL;
	if (err)
		pr_err("device %s: %s must be 0 or 1, not %s\n", vd->name, a->attr.name, text);
	else
		*((u8 *)vd + a->arg) = on;
	return err;
}

/* Any number but 0 is 1. */
static int store_bool(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	unsigned long n;
	int err = kstrtoul(text, 0, &n);

	if (err)
		pr_err("device %s: bad value of %s: %s\n", vd->name, a->attr.name, text);
	else
		WRITE_ONCE(*((u8 *)vd + a->arg), !!n);
	return err;
}

static bool bind_alua_marked(void *obj, const struct scst_attr *a)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return READ_ONCE(vd->bind_alua_state) != vdisk_bind_alua_default(vd);
}

static int show_blocksize(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", vdisk_block_size(attr_vdisk(obj)));
}

static int show_thin(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", READ_ONCE(attr_vdisk(obj)->thin));
}

static bool thin_marked(void *obj, const struct scst_attr *a)
{
	return attr_vdisk(obj)->thin_wish >= 0;
}

/* A device that is made inactive says what was asked for: what its store can do is not known yet. */
static bool thin_shown(void *obj, const struct scst_attr *a)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return vd->thin || (vd->thin_wish == 1 && test_bit(VDISK_CLOSED, &vd->state));
}

/* Whoever watches the store below has seen it fill up. */
static int store_soft_threshold(void *obj, const struct scst_attr *a, char *text)
{
	scst_dev_ua(&attr_vdisk(obj)->dev, SCSI_SENSE_UA_THIN_SOFT_THRESHOLD, NULL);
	return 0;
}

static int show_opt_trans_len(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", READ_ONCE(attr_vdisk(obj)->opt_trans_len));
}

static int store_opt_trans_len(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	u32 len;
	int err = kstrtou32(text, 0, &len);

	if (!err && (!len || len & (vdisk_block_size(vd) - 1)))
		err = -EINVAL;
	if (err) {
		pr_err("device %s: opt_trans_len %s is not a multiple of the block size %u\n", vd->name, text,
		       vdisk_block_size(vd));
		return err;
	}
	WRITE_ONCE(vd->opt_trans_len, len);
	vd->opt_trans_len_written = true;
	return 0;
}

static bool opt_trans_len_marked(void *obj, const struct scst_attr *a)
{
	return attr_vdisk(obj)->opt_trans_len_written;
}

/* ------------------------------------------------------------- file and size */

static int show_filename(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	int len;

	mutex_lock(&vd->id_lock);
	len = scnprintf(buf, size, "%s", vd->filename ?: "none");
	mutex_unlock(&vd->id_lock);
	return len;
}

static int store_filename(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return vdisk_is_rom(vd) ? vdisk_change_medium(vd, text) : vdisk_set_filename(vd, text);
}

/* A drive may be empty. */
static bool filename_marked(void *obj, const struct scst_attr *a)
{
	return READ_ONCE(attr_vdisk(obj)->filename);
}

static u64 vdisk_bytes(struct vdisk_dev *vd)
{
	return READ_ONCE(vd->dev.nblocks) << vd->dev.block_shift;
}

/* @arg: how far to shift, 0 for bytes, 20 for MiB. */
static int show_size(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%llu", vdisk_bytes(attr_vdisk(obj)) >> a->arg);
}

static int store_size(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	u64 n;
	int err = kstrtou64(text, 0, &n);

	if (!err && n > U64_MAX >> a->arg)
		err = -ERANGE;
	if (err) {
		pr_err("device %s: bad value of %s: %s\n", vd->name, a->attr.name, text);
		return err;
	}
	return vdisk_set_size(vd, n << a->arg);
}

/* A size set by hand is kept; one that comes from the store is not, else a device that grew would look small for ever. */
static bool size_marked(void *obj, const struct scst_attr *a)
{
	return READ_ONCE(attr_vdisk(obj)->size_forced);
}

static int store_resync_size(void *obj, const struct scst_attr *a, char *text)
{
	return vdisk_resync_size(attr_vdisk(obj));
}

static int store_sync(void *obj, const struct scst_attr *a, char *text)
{
	return vdisk_sync_all(attr_vdisk(obj));
}

static int show_active(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", !test_bit(VDISK_CLOSED, &attr_vdisk(obj)->state));
}

static int store_active(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	u8 on;
	int err = kstrtou8(text, 0, &on);

	if (!err && on > 1)
		err = -EINVAL;
	if (err) {
		pr_err("device %s: active must be 0 or 1, not %s\n", vd->name, text);
		return err;
	}
	return vdisk_set_active(vd, on);
}

/* ------------------------------------------------------------------ identity */

static const u16 vdisk_string_sizes[VDISK_STR_MAX] = {
	[VDISK_STR_T10_VEND_ID]		= VDISK_VENDOR_LEN,
	[VDISK_STR_VEND_SPECIFIC_ID]	= VDISK_VEND_SPECIFIC_ID_LEN,
	[VDISK_STR_PROD_ID]		= VDISK_PROD_LEN,
	[VDISK_STR_PROD_REV_LVL]	= VDISK_REV_LEN,
	[VDISK_STR_SCSI_DEVICE_NAME]	= VDISK_DEVICE_NAME_LEN,
	[VDISK_STR_T10_DEV_ID]		= VDISK_T10_ID_LEN,
	[VDISK_STR_USN]			= VDISK_USN_LEN,
	[VDISK_STR_INQ_VEND_SPECIFIC]	= VDISK_INQ_VEND_LEN,
};

/* ASCII (SPC-4 4.3.1) plus what UTF-8 names use; a control byte would break sysfs lines and INQUIRY strings. */
bool vdisk_text_ok(const char *text, unsigned int max)
{
	size_t i, len = strlen(text);

	if (len > max)
		return false;
	for (i = 0; i < len; i++)
		if (iscntrl(text[i]))
			return false;
	return true;
}

static int show_string(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	int len;

	mutex_lock(&vd->id_lock);
	len = scnprintf(buf, size, "%s", vd->str[a->arg]);
	mutex_unlock(&vd->id_lock);
	return len;
}

static int store_string(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	bool changed;

	if (!vdisk_text_ok(text, vdisk_string_sizes[a->arg])) {
		pr_err("device %s: %s takes at most %u printable characters\n", vd->name, a->attr.name,
		       vdisk_string_sizes[a->arg]);
		return -EINVAL;
	}
	mutex_lock(&vd->id_lock);
	changed = strcmp(vd->str[a->arg], text);
	strscpy(vd->str[a->arg], text, sizeof(vd->str[0]));
	vd->str_written |= BIT(a->arg);
	mutex_unlock(&vd->id_lock);
	if (changed)
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_INQUIRY_CHANGED, NULL);
	return 0;
}

static bool string_marked(void *obj, const struct scst_attr *a)
{
	return READ_ONCE(attr_vdisk(obj)->str_written) & BIT(a->arg);
}

static int show_binary_id(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	bool naa = a->arg == VDISK_ID_NAA;
	int len = 0;

	mutex_lock(&vd->id_lock);
	if (naa ? vd->naa_len : vd->eui64_len)
		len = scnprintf(buf, size, "0x%*phN", naa ? vd->naa_len : vd->eui64_len,
				naa ? vd->naa : vd->eui64);
	mutex_unlock(&vd->id_lock);
	return len;
}

/* Hex digits come in either case: what counts for initiators is whether the bytes change. */
static int store_binary_id(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	bool naa = a->arg == VDISK_ID_NAA, changed;
	u8 *id = naa ? vd->naa : vd->eui64, *len = naa ? &vd->naa_len : &vd->eui64_len;
	u8 old[VDISK_BINARY_ID_LEN], old_len;
	int err;

	mutex_lock(&vd->id_lock);
	memcpy(old, id, sizeof(old));
	old_len = *len;
	err = vdisk_parse_binary_id(a->arg, text, id, len);
	changed = *len != old_len || memcmp(id, old, old_len);
	mutex_unlock(&vd->id_lock);
	if (err) {
		pr_err("device %s: bad value of %s: %s\n", vd->name, a->attr.name, text);
		return err;
	}
	if (changed)
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_INQUIRY_CHANGED, NULL);
	return 0;
}

static bool binary_id_marked(void *obj, const struct scst_attr *a)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return a->arg == VDISK_ID_NAA ? READ_ONCE(vd->naa_len) : READ_ONCE(vd->eui64_len);
}

/* ---------------------------------------------------- protection information */

static bool dif_shown(void *obj, const struct scst_attr *a)
{
	return vdisk_has_pi(attr_vdisk(obj));
}

static int show_dif_mode(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scsi_dif_mode_text(attr_vdisk(obj)->pi.conf.mode, buf, size);
}

static int show_dif_static_app_tag(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "0x%llx", READ_ONCE(attr_vdisk(obj)->pi.conf.static_tag));
}

static int store_dif_static_app_tag(void *obj, const struct scst_attr *a, char *text)
{
	struct vdisk_dev *vd = attr_vdisk(obj);
	u64 tag;
	int err = kstrtou64(text, 0, &tag);

	if (err) {
		pr_err("device %s: bad value of %s: %s\n", vd->name, a->attr.name, text);
		return err == -ERANGE ? -EINVAL : err;
	}
	WRITE_ONCE(vd->pi.conf.static_tag, tag);
	mutex_lock(&vd->mode_lock);
	vd->mode.ato = scsi_dif_ato(&vd->pi.conf);
	mutex_unlock(&vd->mode_lock);
	scst_dev_ua(&vd->dev, SCSI_SENSE_UA_INQUIRY_CHANGED, NULL);
	return 0;
}

static bool dif_static_app_tag_marked(void *obj, const struct scst_attr *a)
{
	return READ_ONCE(attr_vdisk(obj)->pi.conf.static_tag);
}

static bool dif_filename_shown(void *obj, const struct scst_attr *a)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return vdisk_has_pi(vd) && vd->pi.filename && !READ_ONCE(vd->pi.in_blocks);
}

static int show_dif_filename(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return scnprintf(buf, size, "%s", READ_ONCE(vd->pi.in_blocks) ? "" : vd->pi.filename);
}

/* What nobody has chosen becomes a choice when it is used: once tags are in a file, a restart has to find them there. */
static bool dif_filename_marked(void *obj, const struct scst_attr *a)
{
	struct vdisk_dev *vd = attr_vdisk(obj);

	return vd->pi.own_file || vd->ops != &vdisk_blockio_ops || READ_ONCE(vd->pi.file);
}

/* --------------------------------------------------------------------- table */

#define FIELD(_field)	.arg = offsetof(struct vdisk_dev, _field)
#define STRING(_name, _id) \
	SCST_ATTR_RW(_name, show_string, store_string, NULL, .marked = string_marked, .arg = (_id), \
		     .flags = SCST_ATTR_KEEP_SPACE)

/*
 * One table of which each handler shows a stretch: nullio its own, sizes to write, common; blockio sizes to write, common,
 * those with a store; fileio common, those with a store, its own.
 */
#define NR_NULL_OWN	2
#define NR_SIZE_RW	2
#define NR_COMMON	20
#define NR_IDENTITY	11	/* the last of them: vcdrom has these */
#define NR_STORE	11
#define NR_FILE_OWN	5

#define FIRST_COMMON	(NR_NULL_OWN + NR_SIZE_RW)
#define FIRST_STORE	(FIRST_COMMON + NR_COMMON)
#define FIRST_FILE_OWN	(FIRST_STORE + NR_STORE)

static const struct scst_attr vdisk_attrs[] = {
	/* nullio's own */
	SCST_ATTR_RO(dummy, show_u8, "0", FIELD(dummy)),
	SCST_ATTR_RW(read_zero, show_u8, store_01, "0", FIELD(read_zero)),
	/* sizes to write */
	SCST_ATTR_RW(size, show_size, store_size, NULL, .marked = size_marked),
	SCST_ATTR_RW(size_mb, show_size, store_size, NULL, .arg = 20),
	/* common */
	SCST_ATTR_RO(dif_mode, show_dif_mode, NULL, .shown = dif_shown, .flags = SCST_ATTR_KEY_ALWAYS),
	SCST_ATTR_RO(dif_type, show_u8, NULL, .shown = dif_shown, .flags = SCST_ATTR_KEY_ALWAYS, FIELD(dev.dif_type)),
	SCST_ATTR_RW(dif_static_app_tag, show_dif_static_app_tag, store_dif_static_app_tag, NULL, .shown = dif_shown,
		     .marked = dif_static_app_tag_marked),
	SCST_ATTR_RO(dif_filename, show_dif_filename, NULL, .shown = dif_filename_shown, .marked = dif_filename_marked),
	SCST_ATTR_RO(blocksize, show_blocksize, "512"),
	SCST_ATTR_RO(read_only, show_u8, "0", FIELD(create_read_only)),
	SCST_ATTR_RO(removable, show_u8, "0", FIELD(removable)),
	SCST_ATTR_RO(rotational, show_u8, "1", FIELD(rotational)),
	SCST_ATTR_RW(opt_trans_len, show_opt_trans_len, store_opt_trans_len, NULL,
		     .marked = opt_trans_len_marked),
	SCST_ATTR_RO(tst, show_u8, "1", FIELD(tst)),
	STRING(t10_vend_id, VDISK_STR_T10_VEND_ID),
	STRING(vend_specific_id, VDISK_STR_VEND_SPECIFIC_ID),
	STRING(prod_id, VDISK_STR_PROD_ID),
	STRING(prod_rev_lvl, VDISK_STR_PROD_REV_LVL),
	STRING(scsi_device_name, VDISK_STR_SCSI_DEVICE_NAME),
	STRING(t10_dev_id, VDISK_STR_T10_DEV_ID),
	STRING(usn, VDISK_STR_USN),
	STRING(inq_vend_specific, VDISK_STR_INQ_VEND_SPECIFIC),
	SCST_ATTR_RW(eui64_id, show_binary_id, store_binary_id, NULL,
		     .marked = binary_id_marked, .arg = VDISK_ID_EUI64),
	SCST_ATTR_RW(naa_id, show_binary_id, store_binary_id, NULL,
		     .marked = binary_id_marked, .arg = VDISK_ID_NAA),
	/* with a store */
	SCST_ATTR_RW(filename, show_filename, store_filename, NULL, .marked = filename_marked,
		     .flags = SCST_ATTR_EXTRA_NL),
	SCST_ATTR_RO(write_through, show_u8, "0", FIELD(write_through)),
	SCST_ATTR_RO(nv_cache, show_u8, "0", FIELD(nv_cache)),
	SCST_ATTR_RO(thin_provisioned, show_thin, NULL, .marked = thin_marked),
	SCST_ATTR_WO(gen_tp_soft_threshold_reached_UA, store_soft_threshold, .shown = thin_shown),
	SCST_ATTR_RW(lb_per_pb_exp, show_u8, store_01, "1", FIELD(lb_per_pb_exp)),
	SCST_ATTR_RW(expl_alua, show_u8, store_bool, "0", FIELD(dev.expl_alua)),
	SCST_ATTR_RW(bind_alua_state, show_u8, store_bool, NULL, .marked = bind_alua_marked, FIELD(bind_alua_state)),
	SCST_ATTR_RW(active, show_active, store_active, "1"),
	SCST_ATTR_WO(resync_size, store_resync_size),
	SCST_ATTR_WO(sync, store_sync),
	/* fileio's own */
	SCST_ATTR_RO(size, show_size, NULL, .flags = SCST_ATTR_KEY_ALWAYS),
	SCST_ATTR_RO(size_mb, show_size, NULL, .arg = 20),
	SCST_ATTR_RO(o_direct, show_u8, "0", FIELD(o_direct)),
	SCST_ATTR_RW(async, show_u8, store_01, "0", FIELD(async)),
	SCST_ATTR_RW(read_by_reference, show_u8, store_01, "1", FIELD(read_by_reference)),
};

static_assert(ARRAY_SIZE(vdisk_attrs) == NR_NULL_OWN + NR_SIZE_RW + NR_COMMON + NR_STORE + NR_FILE_OWN);

/* vcdrom's are no stretch: who it is, then filename, size and size_mb, which head theirs. */
static struct scst_attr cdrom_attrs[NR_IDENTITY + 3] __ro_after_init;

void vdisk_set_attrs(struct scst_handler *h, const struct vdisk_ops *ops)
{
	unsigned int from = 0, to = FIRST_STORE;

	if (ops == &vdisk_fileio_ops) {
		from = FIRST_COMMON;
		to = ARRAY_SIZE(vdisk_attrs);
	} else if (ops == &vdisk_blockio_ops) {
		from = NR_NULL_OWN;
		to = FIRST_FILE_OWN;
	}
	h->attrs = vdisk_attrs + from;
	h->nr_attrs = to - from;
}

void __init vdisk_set_cdrom_attrs(struct scst_handler *h)
{
	memcpy(cdrom_attrs, vdisk_attrs + FIRST_STORE - NR_IDENTITY, NR_IDENTITY * sizeof(vdisk_attrs[0]));
	cdrom_attrs[NR_IDENTITY] = vdisk_attrs[FIRST_STORE];
	cdrom_attrs[NR_IDENTITY + 1] = vdisk_attrs[FIRST_FILE_OWN];
	cdrom_attrs[NR_IDENTITY + 2] = vdisk_attrs[FIRST_FILE_OWN + 1];
	h->attrs = cdrom_attrs;
	h->nr_attrs = ARRAY_SIZE(cdrom_attrs);
}
