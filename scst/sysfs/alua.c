// SPDX-License-Identifier: GPL-2.0
/*
 * device_groups/: management files and attributes of device groups, target port groups and targets of other machines.
 */
#include "../alua.h"

/* ---- management files: a word and a name, nothing behind it */

struct verbs {
	const char *file;
	int (*add)(void *obj, const char *name);
	int (*del)(void *obj, const char *name);
	bool may_create;		/* "create" is another word for "add" */
};

static int refuse(const struct verbs *v, const char *what, const char *word)
{
	pr_err("%s: %s \"%.80s\"\n", v->file, what, word ? word : "");
	return -EINVAL;
}

static int run(const struct verbs *v, void *obj, char *text)
{
	char *word = scst_mgmt_next_word(&text);
	char *name = scst_mgmt_next_word(&text);
	char *rest = scst_mgmt_next_word(&text);
	bool add = scst_mgmt_word_is(word, "add") || (v->may_create && scst_mgmt_word_is(word, "create"));

	if (!add && !scst_mgmt_word_is(word, "del"))
		return refuse(v, "unknown command", word);
	if (!name)
		return refuse(v, "a name is missing after", word);
	if (rest)
		return refuse(v, "surplus word", rest);
	return add ? v->add(obj, name) : v->del(obj, name);
}

static int show_usage(const char *name, bool may_create, char *buf, size_t size)
{
	return scnprintf(buf, size,
			 "Usage: echo \"%s %s\" >mgmt\n"
			 "       echo \"del %s\" >mgmt\n",
			 may_create ? "create" : "add", name, name);
}

/* ---- device_groups/mgmt */

static int dgs_add(void *obj, const char *name)
{
	return scst_dg_create(name);
}

static int dgs_del(void *obj, const char *name)
{
	return scst_dg_del(name);
}

static int dgs_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	static const struct verbs v = { "device_groups", dgs_add, dgs_del, true };

	return run(&v, obj, text);
}

static int dgs_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return show_usage("GROUP_NAME", true, buf, size);
}

static const struct scst_attr dgs_mgmt =
	SCST_ATTR_RW(mgmt, dgs_mgmt_show, dgs_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_dgs_dir_fill(void)
{
	return scst_node_add_attr(&scst_dgs_node, &dgs_mgmt);
}

/* ---- DGROUP/devices/mgmt */

static int devs_add(void *obj, const char *name)
{
	return scst_dg_add_dev(obj, name);
}

static int devs_del(void *obj, const char *name)
{
	return scst_dg_del_dev(obj, name);
}

static int devs_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	static const struct verbs v = { "device group, devices", devs_add, devs_del };

	return run(&v, obj, text);
}

static int devs_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return show_usage("DEVICE_NAME", false, buf, size);
}

static const struct scst_attr devs_mgmt =
	SCST_ATTR_RW(mgmt, devs_mgmt_show, devs_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_dg_devs_dir_fill(struct scst_dg *dg)
{
	return scst_node_add_attr(&dg->devs_node, &devs_mgmt);
}

/* ---- DGROUP/target_groups/mgmt */

static int tgs_add(void *obj, const char *name)
{
	return scst_tg_create(obj, name);
}

static int tgs_del(void *obj, const char *name)
{
	return scst_tg_del(obj, name);
}

static int tgs_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	static const struct verbs v = { "device group, target_groups", tgs_add, tgs_del, true };

	return run(&v, obj, text);
}

static int tgs_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return show_usage("GROUP_NAME", true, buf, size);
}

static const struct scst_attr tgs_mgmt =
	SCST_ATTR_RW(mgmt, tgs_mgmt_show, tgs_mgmt_store, NULL, .flags = SCST_ATTR_RAW);

int scst_dg_tgs_dir_fill(struct scst_dg *dg)
{
	return scst_node_add_attr(&dg->tgs_node, &tgs_mgmt);
}

/* ---- DGROUP/target_groups/TGROUP */

static int tg_add(void *obj, const char *name)
{
	return scst_tg_add(obj, name);
}

static int tg_del(void *obj, const char *name)
{
	return scst_tg_del_member(obj, name);
}

static int tg_mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	static const struct verbs v = { "target group", tg_add, tg_del };

	return run(&v, obj, text);
}

static int tg_mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return show_usage("TARGET_NAME", false, buf, size);
}

static int tg_id_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tg *tg = obj;

	return scnprintf(buf, size, "%u", READ_ONCE(tg->id));
}

static int tg_id_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tg *tg = obj;
	long id;
	int ret;

	ret = scst_parse_long(&tg->node, a, text, 1, U16_MAX, &id);
	return ret ? ret : scst_tg_set_id(tg, id);
}

static int tg_preferred_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tg *tg = obj;

	return scnprintf(buf, size, "%d", READ_ONCE(tg->preferred));
}

static int tg_preferred_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tg *tg = obj;
	long value;
	int ret;

	ret = scst_parse_long(&tg->node, a, text, 0, 1, &value);
	return ret ? ret : scst_tg_set_preferred(tg, value);
}

static int tg_state_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tg *tg = obj;

	return scnprintf(buf, size, "%s", scsi_alua_name(READ_ONCE(tg->state)));
}

static int tg_state_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tg *tg = obj;
	int state = scsi_alua_parse(text);

	return state < 0 ? scst_bad_value(&tg->node, a, text) : scst_tg_set_state(tg, state);
}

static const struct scst_attr tg_attrs[] = {
	SCST_ATTR_RW(mgmt, tg_mgmt_show, tg_mgmt_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(group_id, tg_id_show, tg_id_store, NULL, .flags = SCST_ATTR_KEY_ALWAYS),
	SCST_ATTR_RW(preferred, tg_preferred_show, tg_preferred_store, "0"),
	SCST_ATTR_RW(state, tg_state_show, tg_state_store, NULL, .flags = SCST_ATTR_KEY_ALWAYS),
};

int scst_tg_dir_fill(struct scst_tg *tg)
{
	return scst_node_add_attrs(&tg->node, tg_attrs, ARRAY_SIZE(tg_attrs));
}

/* ---- DGROUP/target_groups/TGROUP/TARGET of another machine */

static int member_id_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_tg_member *m = obj;

	return scnprintf(buf, size, "%u", READ_ONCE(m->rel_tgt_id));
}

static int member_id_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_tg_member *m = obj;
	long id;
	int ret;

	ret = scst_parse_long(&m->node, a, text, 1, U16_MAX, &id);
	return ret ? ret : scst_tg_member_set_rel_id(m, id);
}

static const struct scst_attr member_attr =
	SCST_ATTR_RW(rel_tgt_id, member_id_show, member_id_store, NULL, .flags = SCST_ATTR_KEY_ALWAYS);

int scst_tg_member_dir_fill(struct scst_tg_member *m)
{
	return scst_node_add_attr(&m->node, &member_attr);
}
