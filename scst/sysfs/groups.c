// SPDX-License-Identifier: GPL-2.0
/*
 * luns/, ini_groups/ and initiators/ of a target, and the attributes that belong to a LUN set.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "scst_priv.h"

/* ---- what all management files here share */

static int no_surplus(struct scst_tgt *tgt, const char *file, char *rest)
{
	char *word = scst_mgmt_next_word(&rest);

	if (!word)
		return 0;
	pr_err("target %s, %s: surplus word \"%.80s\"\n", tgt->name, file, word);
	return -EINVAL;
}

static int missing(struct scst_tgt *tgt, const char *file, const char *what)
{
	pr_err("target %s, %s: %s is missing\n", tgt->name, file, what);
	return -EINVAL;
}

static int unknown_command(struct scst_tgt *tgt, const char *file, const char *word)
{
	pr_err("target %s, %s: unknown command \"%.80s\"\n", tgt->name, file, word ? word : "");
	return -EINVAL;
}

/* One name, nothing behind it. */
static int only_name(struct scst_tgt *tgt, const char *file, char *rest, char **name)
{
	*name = scst_mgmt_next_word(&rest);
	return *name ? no_surplus(tgt, file, rest) : missing(tgt, file, "a name");
}

/* ---- luns/mgmt */

static int parse_lun(struct scst_acg *acg, const char *word, unsigned int *lun)
{
	if (!word)
		return missing(acg->tgt, "luns", "the LUN");
	if (!kstrtouint(word, 0, lun))
		return 0;
	pr_err("target %s, luns: bad LUN \"%.80s\"\n", acg->tgt->name, word);
	return -EINVAL;
}

static int parse_lun_params(struct scst_acg *acg, char *rest, bool *read_only)
{
	char *name, *value;
	int ret;

	*read_only = false;
	while ((ret = scst_mgmt_next_param(&rest, &name, &value)) > 0) {
		if (!scst_mgmt_word_is(name, "read_only") || (strcmp(value, "0") && strcmp(value, "1"))) {
			pr_err("target %s, luns: bad parameter %.40s=%.40s\n", acg->tgt->name, name, value);
			return -EINVAL;
		}
		*read_only = *value == '1';
	}
	if (ret)
		pr_err("target %s, luns: malformed parameters\n", acg->tgt->name);
	return ret;
}

static int run_map(struct scst_acg *acg, char *rest, const char *command)
{
	char *dev = scst_mgmt_next_word(&rest);
	unsigned int lun;
	bool read_only;
	int ret;

	if (!dev)
		return missing(acg->tgt, "luns", "the device");
	ret = parse_lun(acg, scst_mgmt_next_word(&rest), &lun);
	if (!ret)
		ret = parse_lun_params(acg, rest, &read_only);
	if (ret)
		return ret;
	if (scst_mgmt_word_is(command, "add"))
		return scst_acg_add_lun(acg, dev, lun, read_only);
	return scst_acg_replace_lun(acg, dev, lun, read_only, scst_mgmt_word_is(command, "replace"));
}

static int run_del_lun(struct scst_acg *acg, char *rest)
{
	unsigned int lun;
	int ret;

	ret = parse_lun(acg, scst_mgmt_next_word(&rest), &lun);
	if (!ret)
		ret = no_surplus(acg->tgt, "luns", rest);
	return ret ? ret : scst_acg_del_lun(acg, lun);
}

static int run_clear_luns(struct scst_acg *acg, char *rest)
{
	int ret = no_surplus(acg->tgt, "luns", rest);

	return ret ? ret : scst_acg_clear_luns(acg);
}

static int luns_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = obj;
	char *word = scst_mgmt_next_word(&text);

	if (scst_mgmt_word_is(word, "add") || scst_mgmt_word_is(word, "replace") ||
	    scst_mgmt_word_is(word, "replace_no_ua"))
		return run_map(acg, text, word);
	if (scst_mgmt_word_is(word, "del"))
		return run_del_lun(acg, text);
	if (scst_mgmt_word_is(word, "clear"))
		return run_clear_luns(acg, text);
	return unknown_command(acg->tgt, "luns", word);
}

static int luns_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size,
			 "Usage: echo \"add device_name lun [parameters]\" >mgmt\n"
			 "       echo \"replace device_name lun [parameters]\" >mgmt\n"
			 "       echo \"replace_no_ua device_name lun [parameters]\" >mgmt\n"
			 "       echo \"del lun\" >mgmt\n"
			 "       echo \"clear\" >mgmt\n"
			 "\nwhere parameters are one or more param_name=value pairs separated by ';'\n"
			 "\nThe following parameters available: read_only\n\n");
}

static const struct scst_attr luns_mgmt =
	SCST_ATTR_RW(mgmt, luns_mgmt_show, luns_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_luns_dir_fill(struct scst_acg *acg)
{
	return scst_node_add_attr(&acg->luns_node, &luns_mgmt);
}

/* ---- luns/N: no lock may be taken here, see scst_mgmt_mutex */

static int lun_read_only_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_lun *row = obj;

	return scnprintf(buf, size, "%d", row->read_only || READ_ONCE(row->dev->read_only));
}

static const struct scst_attr lun_read_only = SCST_ATTR_RO(read_only, lun_read_only_show, "0");

int scst_lun_dir_fill(struct scst_lun *row)
{
	return scst_node_add_attr(&row->node, &lun_read_only);
}

/* ---- ini_groups/mgmt */

static int groups_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tgt *tgt = obj;
	char *word = scst_mgmt_next_word(&text), *name;
	bool create = scst_mgmt_word_is(word, "create");
	int ret;

	if (!create && !scst_mgmt_word_is(word, "del"))
		return unknown_command(tgt, "ini_groups", word);
	ret = only_name(tgt, "ini_groups", text, &name);
	if (ret)
		return ret;
	return create ? scst_acg_create(tgt, name) : scst_acg_del(tgt, name);
}

static int groups_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size,
			 "Usage: echo \"create GROUP_NAME\" >mgmt\n"
			 "       echo \"del GROUP_NAME\" >mgmt\n");
}

static const struct scst_attr groups_mgmt =
	SCST_ATTR_RW(mgmt, groups_mgmt_show, groups_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_groups_dir_fill(struct scst_tgt *tgt)
{
	return scst_node_add_attr(&tgt->groups_node, &groups_mgmt);
}

/* ---- ini_groups/GROUP/initiators */

static int run_move(struct scst_acg *acg, char *rest)
{
	char *pattern = scst_mgmt_next_word(&rest);
	char *to = scst_mgmt_next_word(&rest);
	int ret;

	if (!to)
		return missing(acg->tgt, "initiators", "the initiator or the group");
	ret = no_surplus(acg->tgt, "initiators", rest);
	return ret ? ret : scst_acg_move_ini(acg, pattern, to);
}

static int inis_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = obj;
	char *word = scst_mgmt_next_word(&text), *name;
	bool add = scst_mgmt_word_is(word, "add");
	int ret;

	if (scst_mgmt_word_is(word, "move"))
		return run_move(acg, text);
	if (scst_mgmt_word_is(word, "clear")) {
		ret = no_surplus(acg->tgt, "initiators", text);
		return ret ? ret : scst_acg_clear_inis(acg);
	}
	if (!add && !scst_mgmt_word_is(word, "del"))
		return unknown_command(acg->tgt, "initiators", word);
	ret = only_name(acg->tgt, "initiators", text, &name);
	if (ret)
		return ret;
	return add ? scst_acg_add_ini(acg, name) : scst_acg_del_ini(acg, name);
}

static int inis_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size,
			 "Usage: echo \"add INITIATOR_NAME\" >mgmt\n"
			 "       echo \"del INITIATOR_NAME\" >mgmt\n"
			 "       echo \"move INITIATOR_NAME DEST_GROUP_NAME\" >mgmt\n"
			 "       echo \"clear\" >mgmt\n");
}

static const struct scst_attr inis_mgmt =
	SCST_ATTR_RW(mgmt, inis_mgmt_show, inis_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_inis_dir_fill(struct scst_acg *acg)
{
	return scst_node_add_attr(&acg->inis_node, &inis_mgmt);
}

/* No lock may be taken here, see scst_mgmt_mutex. */
static int acn_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%s", container_of_const(a, struct scst_acn, attr)->name);
}

void scst_acn_attr_init(struct scst_acn *acn)
{
	acn->attr.attr.name = acn->name;
	acn->attr.attr.mode = 0444;
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	/* All names share one class, and mgmt removes them while its own file is busy. */
	acn->attr.attr.ignore_lockdep = true;
#endif
	acn->attr.show = acn_show;
}

/* ---- attributes of a LUN set: in the target's directory (the default set) and in each group's */

#define OF_TARGET	1	/* scst_attr.arg: the object is the target */

static struct scst_acg *acg_of(void *obj, const struct scst_attr *a)
{
	return a->arg == OF_TARGET ? ((struct scst_tgt *)obj)->default_acg : obj;
}

static struct scst_node *node_of(void *obj, const struct scst_attr *a)
{
	return a->arg == OF_TARGET ? &((struct scst_tgt *)obj)->node : &((struct scst_acg *)obj)->node;
}

static const char *const method_names[] = {
	[SCSI_LUN_PERIPHERAL] = "PERIPHERAL",
	[SCSI_LUN_FLAT] = "FLAT",
	[SCSI_LUN_LOGICAL] = "LUN",
};

static int addr_method_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_acg *acg = acg_of(obj, a);
	u8 method = acg ? READ_ONCE(acg->addr_method) : 0;

	return scnprintf(buf, size, "%s", method < ARRAY_SIZE(method_names) ? method_names[method] : "UNKNOWN");
}

static bool addr_method_marked(void *obj, const struct scst_attr *a)
{
	struct scst_acg *acg = acg_of(obj, a);

	return acg && READ_ONCE(acg->addr_method) != acg->tgt->drv->default_addr_method;
}

/* Any case; what begins with the word is the word. */
static int addr_method_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = acg_of(obj, a);
	unsigned int i;

	for (i = 0; acg && i < ARRAY_SIZE(method_names); i++)
		if (!strncasecmp(text, method_names[i], strlen(method_names[i])))
			return scst_acg_set_addr_method(acg, i);
	return scst_bad_value(node_of(obj, a), a, text);
}

#define GROUPING_AUTO	0
#define GROUPING_NEVER	(-1)
#define GROUPING_THIS	(-2)

static int grouping_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_acg *acg = acg_of(obj, a);
	int grouping = acg ? READ_ONCE(acg->io_grouping) : GROUPING_AUTO;

	switch (grouping) {
	case GROUPING_AUTO:
		return scnprintf(buf, size, "auto");
	case GROUPING_NEVER:
		return scnprintf(buf, size, "never");
	case GROUPING_THIS:
		return scnprintf(buf, size, "this_group_only");
	default:
		return scnprintf(buf, size, "%d", grouping);
	}
}

static int grouping_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = acg_of(obj, a);
	int value;

	if (!strcasecmp(text, "auto"))
		value = GROUPING_AUTO;
	else if (!strcasecmp(text, "never"))
		value = GROUPING_NEVER;
	else if (!strcasecmp(text, "this_group_only"))
		value = GROUPING_THIS;
	else if (kstrtoint(text, 0, &value) || value <= 0)
		return scst_bad_value(node_of(obj, a), a, text);
	if (acg)
		WRITE_ONCE(acg->io_grouping, value);
	return 0;
}

static int black_hole_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_acg *acg = acg_of(obj, a);

	return scnprintf(buf, size, "%u", acg ? READ_ONCE(acg->black_hole) : SCST_HOLE_OFF);
}

/* The first character tells. */
static int black_hole_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = acg_of(obj, a);
	unsigned int hole = *text - '0';

	if (acg && hole <= SCST_HOLE_DATA_TMFS && !scst_acg_set_black_hole(acg, hole))
		return 0;
	return scst_bad_value(node_of(obj, a), a, text);
}

static int cpu_mask_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_acg *acg = acg_of(obj, a);
	const struct cpumask *mask;
	int len;

	mutex_lock(&scst_config_mutex);
	mask = acg && acg->cpu_mask ? acg->cpu_mask : cpu_online_mask;
	len = scnprintf(buf, size, "%*pb", cpumask_pr_args(mask));
	mutex_unlock(&scst_config_mutex);
	return len;
}

static bool cpu_mask_marked(void *obj, const struct scst_attr *a)
{
	struct scst_acg *acg = acg_of(obj, a);

	return acg && READ_ONCE(acg->cpu_mask);
}

static int cpu_mask_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_acg *acg = acg_of(obj, a);
	int ret = acg ? scst_acg_set_cpu_mask(acg, text) : -EINVAL;

	if (ret)
		scst_bad_value(node_of(obj, a), a, text);
	return ret;
}

#define SET_ATTRS(_arg) { \
	SCST_ATTR_RW(addr_method, addr_method_show, addr_method_store, NULL, .marked = addr_method_marked, .arg = (_arg)), \
	SCST_ATTR_RW(io_grouping_type, grouping_show, grouping_store, "auto", .arg = (_arg)), \
	SCST_ATTR_RW(black_hole, black_hole_show, black_hole_store, NULL, .arg = (_arg)), \
	SCST_ATTR_RW(cpu_mask, cpu_mask_show, cpu_mask_store, NULL, .marked = cpu_mask_marked, .arg = (_arg)), \
}

bool *scst_acg_flag(struct scst_acg *acg)
{
	return &acg->drv_flag;
}
EXPORT_SYMBOL_GPL(scst_acg_flag);

static const struct scst_attr default_set_attrs[] = SET_ATTRS(OF_TARGET);
static const struct scst_attr group_attrs[] = SET_ATTRS(0);

int scst_tgt_set_dir_fill(struct scst_tgt *tgt)
{
	return scst_node_add_attrs(&tgt->node, default_set_attrs, ARRAY_SIZE(default_set_attrs));
}

int scst_group_dir_fill(struct scst_acg *acg)
{
	const struct scst_driver *drv = acg->tgt->drv;
	int ret;

	ret = scst_node_add_attrs(&acg->node, group_attrs, ARRAY_SIZE(group_attrs));
	return ret ? ret : scst_node_add_attrs(&acg->node, drv->acg_attrs, drv->nr_acg_attrs);
}
