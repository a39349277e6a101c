// SPDX-License-Identifier: GPL-2.0
/*
 * targets/DRIVER and targets/DRIVER/TARGET: management of targets and their attributes.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "scst_priv.h"

/* ---- targets/DRIVER/mgmt */

struct command {
	const char *word;
	int (*run)(struct scst_driver *drv, char *rest);
	const char *usage;
	bool (*offered)(const struct scst_driver *drv);
};

static int no_name(struct scst_driver *drv, const char *what)
{
	pr_err("%s: %s is missing\n", drv->name, what);
	return -EINVAL;
}

static int surplus(struct scst_driver *drv, char *rest)
{
	char *word = scst_mgmt_next_word(&rest);

	if (!word)
		return 0;
	pr_err("%s: surplus word \"%.80s\"\n", drv->name, word);
	return -EINVAL;
}

static struct scst_tgt *find_tgt(struct scst_driver *drv, const char *name)
{
	struct scst_tgt *tgt = scst_tgt_find(drv, name);

	if (!tgt)
		pr_err("%s: no target %.80s\n", drv->name, name);
	return tgt;
}

static int run_add_target(struct scst_driver *drv, char *rest)
{
	char *name = scst_mgmt_next_word(&rest);

	if (!name)
		return no_name(drv, "add_target: the target's name");
	if (scst_name_check(name, SCST_NAME_MAX)) {
		pr_err("%s: bad target name \"%.80s\"\n", drv->name, name);
		return -EINVAL;
	}
	return drv->add_target(drv, name, rest);
}

static int run_del_target(struct scst_driver *drv, char *rest)
{
	char *name = scst_mgmt_next_word(&rest);
	struct scst_tgt *tgt;
	int ret;

	if (!name)
		return no_name(drv, "del_target: the target's name");
	ret = surplus(drv, rest);
	if (ret)
		return ret;
	tgt = find_tgt(drv, name);
	if (!tgt)
		return -ENOENT;
	ret = scst_tgt_delete(tgt);
	scst_node_put(&tgt->node);
	return ret;
}

static int driver_attr(struct scst_driver *drv, char *rest,
		       int (*op)(struct scst_driver *drv, const char *attr, char *rest))
{
	char *attr = scst_mgmt_next_word(&rest);

	return attr ? op(drv, attr, rest) : no_name(drv, "the attribute's name");
}

static int run_add_attribute(struct scst_driver *drv, char *rest)
{
	return driver_attr(drv, rest, drv->add_attr);
}

static int run_del_attribute(struct scst_driver *drv, char *rest)
{
	return driver_attr(drv, rest, drv->del_attr);
}

static int target_attr(struct scst_driver *drv, char *rest,
		       int (*op)(struct scst_tgt *tgt, const char *attr, char *rest))
{
	char *name = scst_mgmt_next_word(&rest);
	char *attr = scst_mgmt_next_word(&rest);
	struct scst_tgt *tgt;
	int ret;

	if (!attr)
		return no_name(drv, "the target's or the attribute's name");
	tgt = find_tgt(drv, name);
	if (!tgt)
		return -ENOENT;
	ret = op(tgt, attr, rest);
	scst_node_put(&tgt->node);
	return ret;
}

static int run_add_target_attribute(struct scst_driver *drv, char *rest)
{
	return target_attr(drv, rest, drv->add_tgt_attr);
}

static int run_del_target_attribute(struct scst_driver *drv, char *rest)
{
	return target_attr(drv, rest, drv->del_tgt_attr);
}

static bool offers_add_target(const struct scst_driver *drv) { return drv->add_target; }
static bool offers_del_target(const struct scst_driver *drv) { return drv->del_target; }
static bool offers_add_attr(const struct scst_driver *drv) { return drv->add_attr; }
static bool offers_del_attr(const struct scst_driver *drv) { return drv->del_attr; }
static bool offers_add_tgt_attr(const struct scst_driver *drv) { return drv->add_tgt_attr; }
static bool offers_del_tgt_attr(const struct scst_driver *drv) { return drv->del_tgt_attr; }

static const struct command commands[] = {
	{ "add_target", run_add_target, "add_target target_name [parameters]", offers_add_target },
	{ "del_target", run_del_target, "del_target target_name", offers_del_target },
	{ "add_attribute", run_add_attribute, "add_attribute <attribute> <value>", offers_add_attr },
	{ "del_attribute", run_del_attribute, "del_attribute <attribute> <value>", offers_del_attr },
	{ "add_target_attribute", run_add_target_attribute,
	  "add_target_attribute target_name <attribute> <value>", offers_add_tgt_attr },
	{ "del_target_attribute", run_del_target_attribute,
	  "del_target_attribute target_name <attribute> <value>", offers_del_tgt_attr },
};

static int mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_driver *drv = obj;
	char *word = scst_mgmt_next_word(&text);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (scst_mgmt_word_is(word, commands[i].word) && commands[i].offered(drv))
			return commands[i].run(drv, text);
	pr_err("%s: unknown command \"%.80s\"\n", drv->name, word ? word : "");
	return -EINVAL;
}

static int list_line(char *buf, size_t size, const char *prefix, const char *names)
{
	return names ? scnprintf(buf, size, "%s%s\n", prefix, names) : 0;
}

static int mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	const struct scst_driver *drv = obj;
	unsigned int i;
	int len = 0;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].offered(drv))
			len += scnprintf(buf + len, size - len, "%s echo \"%s\" >mgmt\n", len ? "      " : "Usage:",
					 commands[i].usage);
	len += scnprintf(buf + len, size - len,
			 "\nwhere parameters are one or more param_name=value pairs separated by ';'\n\n");
	len += list_line(buf + len, size - len, "The following parameters available: ", drv->add_tgt_params);
	len += list_line(buf + len, size - len, "The following target driver attributes available: ",
			 drv->driver_dyn_attrs);
	len += list_line(buf + len, size - len, "The following target attributes available: ", drv->tgt_dyn_attrs);
	len += scnprintf(buf + len, size - len, "\n");
	return len;
}

static const struct scst_attr driver_mgmt = SCST_ATTR_RW(mgmt, mgmt_show, mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_driver_dir_fill(struct scst_driver *drv)
{
	int ret = 0;

	if (drv->add_target)
		ret = scst_node_add_attr(&drv->node, &driver_mgmt);
	return ret ? ret : scst_node_add_attrs(&drv->node, drv->attrs, drv->nr_attrs);
}

/* ---- targets/DRIVER/TARGET */

static int enabled_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;

	return scnprintf(buf, size, "%d", READ_ONCE(tgt->enabled));
}

static int enabled_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tgt *tgt = obj;

	if (*text != '0' && *text != '1')
		return scst_bad_value(&tgt->node, a, text);
	return scst_tgt_enable(tgt, *text == '1');
}

static int rel_id_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;

	return scnprintf(buf, size, "%u", READ_ONCE(tgt->rel_tgt_id));
}

static int rel_id_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tgt *tgt = obj;
	long id;
	int ret;

	ret = scst_parse_long(&tgt->node, a, text, 0, U16_MAX, &id);
	return ret ? ret : scst_tgt_set_rel_id(tgt, id);
}

#define COMMENT_MAX	4000

static int comment_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;
	int len = 0;

	mutex_lock(&scst_config_mutex);
	if (tgt->comment)
		len = scnprintf(buf, size, "%s\n[key]\n", tgt->comment);
	mutex_unlock(&scst_config_mutex);
	return len;
}

/* The text ends at its first newline; an empty one clears. With its mark it has to fit into what a file shows. */
static int comment_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tgt *tgt = obj;
	char *comment = NULL;

	text[strcspn(text, "\n")] = '\0';
	if (strlen(text) > COMMENT_MAX)
		return scst_bad_value(&tgt->node, a, text);
	if (*text) {
		comment = kstrdup(text, GFP_KERNEL);
		if (!comment)
			return -ENOMEM;
	}
	mutex_lock(&scst_config_mutex);
	swap(tgt->comment, comment);
	mutex_unlock(&scst_config_mutex);
	kfree(comment);
	return 0;
}

enum { FLAG_FORWARD_SRC, FLAG_FORWARD_DST, FLAG_AEN_DISABLED };

static bool *tgt_flag(struct scst_tgt *tgt, int flag)
{
	switch (flag) {
	case FLAG_FORWARD_SRC:
		return &tgt->forward_src;
	case FLAG_FORWARD_DST:
		return &tgt->forward_dst;
	default:
		return &tgt->aen_disabled;
	}
}

static int flag_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;

	return scnprintf(buf, size, "%d", READ_ONCE(*tgt_flag(tgt, a->arg)));
}

static int flag_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tgt *tgt = obj;
	long value;
	int ret;

	ret = scst_parse_long(&tgt->node, a, text, 0, 1, &value);
	if (ret)
		return ret;
	WRITE_ONCE(*tgt_flag(tgt, a->arg), value);
	return 0;
}

static int sg_tablesize_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;

	return scnprintf(buf, size, "%u", tgt->drv->sg_tablesize);
}

/* Sums over the sessions of now. */
static int count_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tgt *tgt = obj;
	struct scst_sess *sess;
	u64 sum = 0;

	mutex_lock(&scst_config_mutex);
	list_for_each_entry(sess, &tgt->sess_list, tgt_link)
		sum += scst_sess_count(sess, a->arg);
	mutex_unlock(&scst_config_mutex);
	return scnprintf(buf, size, "%llu", sum);
}

#define TGT_COUNT(_name, _what, _dir) \
	SCST_ATTR_RO(_name, count_show, NULL, .arg = SCST_COUNT(_what, _dir))

static const struct scst_attr tgt_attrs[] = {
	SCST_ATTR_RW(rel_tgt_id, rel_id_show, rel_id_store, "0"),
	SCST_ATTR_RW(comment, comment_show, comment_store, NULL, .flags = SCST_ATTR_RAW | SCST_ATTR_KEEP_SPACE),
	SCST_ATTR_RW(forward_src, flag_show, flag_store, "0", .arg = FLAG_FORWARD_SRC),
	SCST_ATTR_RW(forward_dst, flag_show, flag_store, "0", .arg = FLAG_FORWARD_DST),
	SCST_ATTR_RW(forwarding, flag_show, flag_store, "0", .arg = FLAG_FORWARD_DST),
	SCST_ATTR_RW(aen_disabled, flag_show, flag_store, "0", .arg = FLAG_AEN_DISABLED),
	SCST_ATTR_RO(sg_tablesize, sg_tablesize_show, NULL),
	TGT_COUNT(unknown_cmd_count, SCST_COUNT_CMDS, SCST_DIR_UNKNOWN),
	TGT_COUNT(write_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_TO),
	TGT_COUNT(write_io_count_kb, SCST_COUNT_KB, SCSI_DIR_TO),
	TGT_COUNT(write_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_TO),
	TGT_COUNT(read_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_FROM),
	TGT_COUNT(read_io_count_kb, SCST_COUNT_KB, SCSI_DIR_FROM),
	TGT_COUNT(read_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_FROM),
	TGT_COUNT(bidi_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_BIDI),
	TGT_COUNT(bidi_io_count_kb, SCST_COUNT_KB, SCSI_DIR_BIDI),
	TGT_COUNT(bidi_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_BIDI),
	TGT_COUNT(none_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_NONE),
};

static const struct scst_attr enabled_attr = SCST_ATTR_RW(enabled, enabled_show, enabled_store, NULL);

int scst_tgt_dir_fill(struct scst_tgt *tgt)
{
	struct scst_driver *drv = tgt->drv;
	int ret = 0;

	if (drv->enable)
		ret = scst_node_add_attr(&tgt->node, &enabled_attr);
	if (!ret)
		ret = scst_node_add_attrs(&tgt->node, tgt_attrs, ARRAY_SIZE(tgt_attrs));
	if (!ret)
		ret = scst_tgt_set_dir_fill(tgt);
	return ret ? ret : scst_node_add_attrs(&tgt->node, drv->tgt_attrs, drv->nr_tgt_attrs);
}
