// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of add_device: one table, and the rules between them.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "vdisk.h"

/* Which handlers take a parameter. */
#define ON_FILE		0x01
#define ON_BLOCK	0x02
#define ON_NULL		0x04
#define ON_ALL		(ON_FILE | ON_BLOCK | ON_NULL)
#define ON_ROM		0x08

/**
 * struct vdisk_param - a row
 * @name: parameter
 * @on: handlers that take it
 * @offset: the u8 in struct vdisk_dev, when @parse is NULL
 * @strict: 0 or 1; else any number whose lowest bit counts
 * @parse: takes the value, 0 or -errno
 */
struct vdisk_param {
	const char *name;
	u8 on;
	bool strict;
	u16 offset;
	int (*parse)(struct vdisk_dev *vd, const char *value);
};

static int param_filename(struct vdisk_dev *vd, const char *value)
{
	if (vd->filename || value[0] != '/')
		return -EINVAL;
	vd->filename = kstrdup(value, GFP_KERNEL);
	return vd->filename ? 0 : -ENOMEM;
}

static int param_blocksize(struct vdisk_dev *vd, const char *value)
{
	unsigned int bs;
	int err = kstrtouint(value, 0, &bs);

	if (err)
		return err;
	if (bs < 512 || bs > 4096 || !is_power_of_2(bs))
		return -EINVAL;
	vd->dev.block_shift = ilog2(bs);
	return 0;
}

static int param_size(struct vdisk_dev *vd, const char *value)
{
	u64 size;
	int err = kstrtou64(value, 0, &size);

	if (err)
		return err;
	if (!size || size > LLONG_MAX)
		return -EINVAL;
	vd->size_wish = size;
	return 0;
}

static int param_size_mb(struct vdisk_dev *vd, const char *value)
{
	u64 mb;
	int err = kstrtou64(value, 0, &mb);

	if (err)
		return err;
	if (!mb || mb > LLONG_MAX >> 20)
		return -EINVAL;
	vd->size_wish = mb << 20;
	return 0;
}

static int param_thin(struct vdisk_dev *vd, const char *value)
{
	unsigned int on;
	int err = kstrtouint(value, 0, &on);

	if (!err)
		vd->thin_wish = on & 1;
	return err;
}

static int param_t10_dev_id(struct vdisk_dev *vd, const char *value)
{
	if (!vdisk_text_ok(value, VDISK_T10_ID_LEN))
		return -EINVAL;
	strscpy(vd->str[VDISK_STR_T10_DEV_ID], value, sizeof(vd->str[0]));
	vd->str_written |= BIT(VDISK_STR_T10_DEV_ID);
	return 0;
}

static int param_dif_type(struct vdisk_dev *vd, const char *value)
{
	u8 type;
	int err = kstrtou8(value, 0, &type);

	if (err)
		return err;
	if (type > 3)
		return -EINVAL;
	vd->pi.conf.type = type;
	return 0;
}

static int param_dif_mode(struct vdisk_dev *vd, const char *value)
{
	int mode = scsi_dif_mode_parse(value);

	if (mode < 0)
		return mode;
	vd->pi.conf.mode = mode;
	return 0;
}

static int param_dif_static_app_tag(struct vdisk_dev *vd, const char *value)
{
	return kstrtou64(value, 0, &vd->pi.conf.static_tag);
}

static int param_dif_filename(struct vdisk_dev *vd, const char *value)
{
	if (vd->pi.filename || value[0] != '/')
		return -EINVAL;
	vd->pi.own_file = true;
	vd->pi.filename = kstrdup(value, GFP_KERNEL);
	return vd->pi.filename ? 0 : -ENOMEM;
}

static int param_numa_node_id(struct vdisk_dev *vd, const char *value)
{
	int node, err = kstrtoint(value, 0, &node);

	if (err)
		return err;
	if (node < -1)
		return -EINVAL;
	vd->numa_wish = node;
	return 0;
}

#define PARAM_BIT(_name, _on, _field) { .name = _name, .on = (_on), .offset = offsetof(struct vdisk_dev, _field) }
#define PARAM_01(_name, _on, _field) \
	{ .name = _name, .on = (_on), .offset = offsetof(struct vdisk_dev, _field), .strict = true }

/* fileio also takes what is not in its advertised list: configurations in the field name them. */
static const struct vdisk_param vdisk_params[] = {
	{ .name = "filename", .on = ON_FILE | ON_BLOCK, .parse = param_filename },
	{ .name = "blocksize", .on = ON_ALL, .parse = param_blocksize },
	{ .name = "size", .on = ON_FILE | ON_NULL, .parse = param_size },
	{ .name = "size_mb", .on = ON_FILE | ON_NULL, .parse = param_size_mb },
	{ .name = "thin_provisioned", .on = ON_FILE | ON_BLOCK, .parse = param_thin },
	{ .name = "t10_dev_id", .on = ON_ALL, .parse = param_t10_dev_id },
	{ .name = "numa_node_id", .on = ON_ALL, .parse = param_numa_node_id },
	{ .name = "dif_type", .on = ON_ALL, .parse = param_dif_type },
	{ .name = "dif_mode", .on = ON_ALL, .parse = param_dif_mode },
	{ .name = "dif_static_app_tag", .on = ON_ALL, .parse = param_dif_static_app_tag },
	{ .name = "dif_filename", .on = ON_FILE | ON_BLOCK, .parse = param_dif_filename },
	PARAM_BIT("read_only", ON_ALL, create_read_only),
	PARAM_BIT("write_through", ON_FILE | ON_BLOCK, write_through),
	PARAM_BIT("nv_cache", ON_FILE | ON_BLOCK, nv_cache),
	PARAM_BIT("o_direct", ON_FILE, o_direct),
	PARAM_BIT("removable", ON_ALL, removable),
	PARAM_BIT("rotational", ON_ALL, rotational),
	PARAM_BIT("bind_alua_state", ON_FILE | ON_BLOCK, bind_alua_state),
	PARAM_01("async", ON_FILE, async),
	PARAM_01("active", ON_FILE | ON_BLOCK, create_active),
	PARAM_01("tst", ON_ALL | ON_ROM, tst),
	PARAM_01("dummy", ON_FILE | ON_NULL, dummy),
	PARAM_01("lb_per_pb_exp", ON_FILE, lb_per_pb_exp),
};

static int param_number(struct vdisk_dev *vd, const struct vdisk_param *p, const char *value)
{
	unsigned int n;
	int err = kstrtouint(value, 0, &n);

	if (err)
		return err;
	if (p->strict && n > 1)
		return -EINVAL;
	if (n > 1)	/* so it has always been; for write_through it must not go unnoticed */
		pr_warn("device %s: %s=%s means %u: only the lowest bit counts\n", vd->name, p->name, value, n & 1);
	*((u8 *)vd + p->offset) = n & 1;
	return 0;
}

static int param_apply(struct vdisk_dev *vd, const char *name, const char *value, u8 handler)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(vdisk_params); i++) {
		const struct vdisk_param *p = &vdisk_params[i];

		if (!(p->on & handler) || !scst_mgmt_word_is(name, p->name))
			continue;
		err = p->parse ? p->parse(vd, value) : param_number(vd, p, value);
		if (err)
			pr_err("device %s: bad value of %s: %s\n", vd->name, p->name, value);
		return err;
	}
	pr_err("device %s: unknown parameter %s\n", vd->name, name);
	return -EINVAL;
}

/* Without a file of their own, tags go to the one that is named after the device, or into blocks that have room for them. */
static int params_check_dif(struct vdisk_dev *vd)
{
	enum scsi_dif_store store = vd->ops == &vdisk_fileio_ops ? SCSI_DIF_ON_FILE :
				    vd->ops == &vdisk_blockio_ops ? SCSI_DIF_ON_DEVICE : SCSI_DIF_NO_STORE;
	const char *why = scsi_dif_conf_check(&vd->pi.conf, vd->pi.filename, store);

	if (why) {
		pr_err("device %s: %s\n", vd->name, why);
		return -EINVAL;
	}
	vd->dev.dif_type = vd->pi.conf.type;
	if (!vdisk_pi_stored(vd) || vd->pi.filename)
		return 0;
	vd->pi.filename = kasprintf(GFP_KERNEL, VDISK_TAG_DIR "/%s.dif", vd->name);
	return vd->pi.filename ? 0 : -ENOMEM;
}

/* Rules between parameters (each refused with its reason). */
static int params_check(struct vdisk_dev *vd)
{
	if (vdisk_is_rom(vd))	/* all it takes goes together */
		return 0;
	if (vd->ops != &vdisk_nullio_ops && !vd->filename) {
		pr_err("device %s: no filename given (filename=/PATH)\n", vd->name);
		return -EINVAL;
	}
	if (vd->ops == &vdisk_fileio_ops && vd->create_read_only && (vd->write_through || vd->nv_cache)) {
		pr_err("device %s: read_only goes with neither write_through nor nv_cache\n", vd->name);
		return -EINVAL;
	}
	if (vd->size_wish & (vdisk_block_size(vd) - 1)) {
		pr_err("device %s: size %llu is not a multiple of the block size %u\n", vd->name, vd->size_wish,
		       vdisk_block_size(vd));
		return -EINVAL;
	}
	return params_check_dif(vd);
}

static u8 handler_bit(const struct vdisk_dev *vd)
{
	if (vdisk_is_rom(vd))
		return ON_ROM;
	if (vd->ops == &vdisk_fileio_ops)
		return ON_FILE;
	return vd->ops == &vdisk_blockio_ops ? ON_BLOCK : ON_NULL;
}

int vdisk_parse_params(struct vdisk_dev *vd, char *params)
{
	u8 handler = handler_bit(vd);
	char *name, *value;
	int ret;

	while ((ret = scst_mgmt_next_param(&params, &name, &value)) > 0) {
		ret = param_apply(vd, name, value, handler);
		if (ret)
			return ret;
	}
	if (ret < 0) {
		pr_err("device %s: a parameter needs exactly one value, without blanks\n", vd->name);
		return ret;
	}
	return params_check(vd);
}
