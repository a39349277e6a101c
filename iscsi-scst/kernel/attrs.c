// SPDX-License-Identifier: GPL-2.0
/*
 * The iSCSI attributes of driver, target, session and connection directories.
 *
 * Several formats end with an empty line: scstadmin and product scripts compare them byte by byte, so those rows compose
 * their text themselves (SCST_ATTR_RAW) with value_text() and flag_text().
 */
#include <linux/inet.h>
#include <linux/slab.h>

#include "iscst.h"

bool iscst_enabled;
static bool link_local = true;

#define ALIAS_MAX	255
#define REDIRECT_MAX	128

/* A value that ends with one newline at its default, and is marked and ends with an empty line otherwise. */
static int value_text(char *buf, size_t size, const char *value, bool marked)
{
	return scnprintf(buf, size, marked ? "%s\n[key]\n\n" : "%s\n", value);
}

/* A flag always ends with an empty line. */
static int flag_text(char *buf, size_t size, bool value, bool marked)
{
	return scnprintf(buf, size, marked ? "%d\n[key]\n\n" : "%d\n\n", value);
}

/* Exactly "0" or "1". */
static int flag_parse(const char *what, const char *name, const char *text, bool *value)
{
	if ((text[0] != '0' && text[0] != '1') || text[1]) {
		pr_err("%s: %s must be 0 or 1\n", what, name);
		return -EINVAL;
	}
	WRITE_ONCE(*value, text[0] == '1');
	return 0;
}

static int string_show(char **string, char *buf, size_t size)
{
	int len;

	mutex_lock(&iscst_mutex);
	len = value_text(buf, size, *string ?: "", *string);
	mutex_unlock(&iscst_mutex);
	return len;
}

/* An empty text clears. */
static int string_set(char **string, const char *text)
{
	char *new = NULL, *old;

	if (*text) {
		new = kstrdup(text, GFP_KERNEL);
		if (!new)
			return -ENOMEM;
	}
	mutex_lock(&iscst_mutex);
	old = *string;
	*string = new;
	mutex_unlock(&iscst_mutex);
	kfree(old);
	return 0;
}

static bool has_control_byte(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* ---- driver */

static int version_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, SCST_VERSION);
}

static int open_state_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%s", iscst_daemon_present() ? "open" : "closed");
}

static int enabled_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return flag_text(buf, size, READ_ONCE(iscst_enabled), false);
}

static int enabled_store(void *obj, const struct scst_attr *a, char *text)
{
	return flag_parse("iscsi", a->attr.name, text, &iscst_enabled);
}

static int link_local_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	bool on = READ_ONCE(link_local);

	return flag_text(buf, size, on, !on);
}

static int link_local_store(void *obj, const struct scst_attr *a, char *text)
{
	return flag_parse("iscsi", a->attr.name, text, &link_local);
}

/* Local addresses that need no CHAP, as written, one blank in between; iscst_mutex. */
static char *internal_portal;

static int internal_portal_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	int len;

	mutex_lock(&iscst_mutex);
	len = scnprintf(buf, size, internal_portal ? "%s\n[key]\n\n" : "%s\n\n", internal_portal ?: "");
	mutex_unlock(&iscst_mutex);
	return len;
}

static int internal_portal_store(void *obj, const struct scst_attr *a, char *text)
{
	char *list, *word, *end;
	u8 ip[16];
	int ret;

	list = kzalloc(strlen(text) + 1, GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (end = list; (word = scst_mgmt_next_word(&text)); end += strlen(end)) {
		ret = -EINVAL;
		if (!in4_pton(word, -1, ip, -1, NULL) && !in6_pton(word, -1, ip, -1, NULL)) {
			pr_err("iscsi: %s: %.64s is no address\n", a->attr.name, word);
			goto out;
		}
		sprintf(end, "%s%s", end == list ? "" : " ", word);
	}
	ret = string_set(&internal_portal, list);
out:
	kfree(list);
	return ret;
}

/* The iSNS server, "HOST[:PORT]" or "HOST[:PORT] AccessControl", and the entity's name; iscst_mutex. The daemon acts on them. */
static char *isns_server;
static char *isns_entity_name;

#define ISNS_HOST_MAX	255
#define ISNS_NAME_MAX	255	/* longest entity identifier, RFC 4171 6.2.1 */

/* A blank follows a server without access control. */
static int isns_server_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	const char *format = "\n\n";
	int len;

	mutex_lock(&iscst_mutex);
	if (isns_server)
		format = strchr(isns_server, ' ') ? "%s\n[key]\n\n" : "%s \n[key]\n\n";
	len = scnprintf(buf, size, format, isns_server);
	mutex_unlock(&iscst_mutex);
	return len;
}

static bool is_host(const char *text)
{
	const char *p;

	for (p = text; *p; p++)
		if (!isascii(*p) || (!isalnum(*p) && !strchr("-._:[]", *p)))
			return false;
	return p > text && p - text <= ISNS_HOST_MAX;
}

/* "HOST", "HOST AccessControl" or "HOST AccessControl No"; whether it can be reached shows later. */
static int isns_server_parse(char *text, char *server)
{
	char *host = scst_mgmt_next_word(&text);
	char *word = scst_mgmt_next_word(&text);
	char *no = word ? scst_mgmt_next_word(&text) : NULL;

	if (!host)
		return 0;
	if (!is_host(host) || (word && strcmp(word, "AccessControl")) || (no && strcmp(no, "No")) ||
	    scst_mgmt_next_word(&text))
		return -EINVAL;
	sprintf(server, "%s%s", host, word && !no ? " AccessControl" : "");
	return 0;
}

static int isns_server_store(void *obj, const struct scst_attr *a, char *text)
{
	char *server = kzalloc(ISNS_HOST_MAX + sizeof(" AccessControl"), GFP_KERNEL);
	int ret;

	if (!server)
		return -ENOMEM;
	ret = isns_server_parse(text, server);
	if (ret)
		pr_err("iscsi: %s takes HOST[:PORT] and perhaps AccessControl\n", a->attr.name);
	else
		ret = string_set(&isns_server, server);
	if (!ret)
		sysfs_notify(&iscst_driver.node.kobj, NULL, a->attr.name);	/* the daemon polls it */
	kfree(server);
	return ret;
}

static int isns_entity_name_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	int len;

	mutex_lock(&iscst_mutex);
	len = scnprintf(buf, size, "%s\n", isns_entity_name ?: "");
	mutex_unlock(&iscst_mutex);
	return len;
}

static int isns_entity_name_store(void *obj, const struct scst_attr *a, char *text)
{
	if (strlen(text) > ISNS_NAME_MAX || has_control_byte(text)) {
		pr_err("iscsi: %s takes at most %d printable bytes\n", a->attr.name, ISNS_NAME_MAX);
		return -EINVAL;
	}
	return string_set(&isns_entity_name, text);
}

void iscst_driver_values_free(void)
{
	string_set(&internal_portal, "");
	string_set(&isns_server, "");
	string_set(&isns_entity_name, "");
}

const struct scst_attr iscst_driver_attrs[] = {
	SCST_ATTR_RO(version, version_show, NULL),
	SCST_ATTR_RO(open_state, open_state_show, NULL),
	SCST_ATTR_RW(enabled, enabled_show, enabled_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(link_local, link_local_show, link_local_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(internal_portal, internal_portal_show, internal_portal_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(iSNSServer, isns_server_show, isns_server_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(isns_entity_name, isns_entity_name_show, isns_entity_name_store, NULL, .flags = SCST_ATTR_RAW),
};
const unsigned int iscst_nr_driver_attrs = ARRAY_SIZE(iscst_driver_attrs);

/* ---- target */

static int tid_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", to_iscst_tgt(obj)->tid);
}

static int key_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	const struct iscsi_key_desc *desc = &iscsi_key_table[a->arg];
	u32 value = READ_ONCE(to_iscst_tgt(obj)->attrs.value[a->arg]);
	char text[ISCSI_KEY_VALUE_MAX];

	iscsi_key_print_value(desc, value, text, sizeof(text));
	return value_text(buf, size, text, value != desc->dflt);
}

static int key_set(struct iscst_tgt *tgt, const struct iscsi_key_desc *desc, const char *text)
{
	u32 value;
	int ret;

	ret = iscsi_key_parse_value(desc, text, &value);
	if (ret) {
		pr_err("target %s: bad value for %s: %.64s\n", tgt->tgt.name, desc->name, text);
		return ret;
	}
	WRITE_ONCE(tgt->attrs.value[desc->key], value);
	return 0;
}

static int key_store(void *obj, const struct scst_attr *a, char *text)
{
	return key_set(to_iscst_tgt(obj), &iscsi_key_table[a->arg], text);
}

static int alias_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return string_show(&to_iscst_tgt(obj)->alias, buf, size);
}

static int alias_store(void *obj, const struct scst_attr *a, char *text)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);

	if (strlen(text) > ALIAS_MAX || has_control_byte(text)) {
		pr_err("target %s: alias must be at most %d printable bytes\n", tgt->tgt.name, ALIAS_MAX);
		return -EINVAL;
	}
	return string_set(&tgt->alias, text);
}

static int redirect_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return string_show(&to_iscst_tgt(obj)->redirect, buf, size);
}

/* "IP", "IP:PORT", "[IPv6]" or "[IPv6]:PORT"; @len bytes of @text. The port is returned, 0 = bad address. */
static unsigned int redirect_addr(const char *text, int len)
{
	const char *end = text + len, *p;
	unsigned int port = ISCSI_PORT;
	u8 ip[16];

	if (*text == '[') {
		p = memchr(text, ']', len);
		if (!p || !in6_pton(text + 1, p - text - 1, ip, -1, NULL))
			return 0;
		p++;
	} else {
		p = memchr(text, ':', len) ?: end;
		if (!in4_pton(text, p - text, ip, -1, NULL))
			return 0;
	}
	if (p == end)
		return port;
	if (*p++ != ':' || p == end || end - p > 5)
		return 0;
	for (port = 0; p < end; p++) {
		if (!isdigit(*p))
			return 0;
		port = port * 10 + (*p - '0');
	}
	return port <= U16_MAX ? port : 0;
}

/* "ADDR[:PORT] temp|perm", kept without the default port. */
static int redirect_parse(char *text, char *out, size_t size)
{
	size_t len = strcspn(text, " \t");
	const char *kind = skip_spaces(text + len);
	unsigned int port;

	if (strcmp(kind, "temp") && strcmp(kind, "perm"))
		return -EINVAL;
	if (len > REDIRECT_MAX)
		return -ERANGE;
	port = redirect_addr(text, len);
	if (!port)
		return -EINVAL;
	if (port == ISCSI_PORT) {
		const char *colon = *text == '[' ? strchr(text, ']') + 1 : memchr(text, ':', len);

		if (colon && *colon == ':')
			len = colon - text;
	}
	scnprintf(out, size, "%.*s %s", (int)len, text, kind);
	return 0;
}

static int redirect_store(void *obj, const struct scst_attr *a, char *text)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);
	char value[REDIRECT_MAX + 16] = "";
	int ret = 0;

	if (*text)
		ret = redirect_parse(text, value, sizeof(value));
	if (ret) {
		pr_err("target %s: redirect must be ADDR[:PORT] temp|perm\n", tgt->tgt.name);
		return ret;
	}
	return string_set(&tgt->redirect, value);
}

static int per_portal_acl_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	bool on = READ_ONCE(to_iscst_tgt(obj)->per_portal_acl);

	return flag_text(buf, size, on, on);
}

static int per_portal_acl_store(void *obj, const struct scst_attr *a, char *text)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);

	return flag_parse(tgt->tgt.name, a->attr.name, text, &tgt->per_portal_acl);
}

#define KEY_ATTR(_name, _key) \
	SCST_ATTR_RW(_name, key_show, key_store, NULL, .flags = SCST_ATTR_RAW, .arg = (_key))

const struct scst_attr iscst_tgt_attrs[] = {
	SCST_ATTR_RO(tid, tid_show, NULL),
	KEY_ATTR(InitialR2T, ISCSI_KEY_INITIAL_R2T),
	KEY_ATTR(ImmediateData, ISCSI_KEY_IMMEDIATE_DATA),
	KEY_ATTR(MaxRecvDataSegmentLength, ISCSI_KEY_MAX_RECV_DSL),
	KEY_ATTR(MaxXmitDataSegmentLength, ISCSI_KEY_MAX_XMIT_DSL),
	KEY_ATTR(MaxBurstLength, ISCSI_KEY_MAX_BURST),
	KEY_ATTR(FirstBurstLength, ISCSI_KEY_FIRST_BURST),
	KEY_ATTR(MaxOutstandingR2T, ISCSI_KEY_MAX_OUTSTANDING_R2T),
	KEY_ATTR(HeaderDigest, ISCSI_KEY_HEADER_DIGEST),
	KEY_ATTR(DataDigest, ISCSI_KEY_DATA_DIGEST),
	KEY_ATTR(RDMAExtensions, ISCSI_KEY_RDMA_EXTENSIONS),
	KEY_ATTR(QueuedCommands, ISCSI_KEY_QUEUED_COMMANDS),
	KEY_ATTR(RspTimeout, ISCSI_KEY_RSP_TIMEOUT),
	KEY_ATTR(NopInInterval, ISCSI_KEY_NOP_IN_INTERVAL),
	KEY_ATTR(NopInTimeout, ISCSI_KEY_NOP_IN_TIMEOUT),
	KEY_ATTR(MaxSessions, ISCSI_KEY_MAX_SESSIONS),
	SCST_ATTR_RW(alias, alias_show, alias_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(redirect, redirect_show, redirect_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(per_portal_acl, per_portal_acl_show, per_portal_acl_store, NULL, .flags = SCST_ATTR_RAW),
};
const unsigned int iscst_nr_tgt_attrs = ARRAY_SIZE(iscst_tgt_attrs);

/* The rows that add_target takes as parameters are those of the table that can be written. */
int iscst_tgt_set(struct iscst_tgt *tgt, const char *name, char *value)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(iscst_tgt_attrs); i++) {
		const struct scst_attr *a = &iscst_tgt_attrs[i];

		if (a->store && !strcasecmp(a->attr.name, name))
			return a->store(&tgt->tgt, a, value);
	}
	pr_err("target %s: unknown parameter %.64s\n", tgt->tgt.name, name);
	return -EINVAL;
}

/* ---- group of initiators */

/* No session has threads of its own, nor has a target any: kept and shown. */
static int per_sess_threads_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(*scst_acg_flag(obj)));
}

static int per_sess_threads_store(void *obj, const struct scst_attr *a, char *text)
{
	return flag_parse("ini_groups", a->attr.name, text, scst_acg_flag(obj));
}

const struct scst_attr iscst_acg_attrs[] = {
	SCST_ATTR_RW(per_sess_dedicated_tgt_threads, per_sess_threads_show, per_sess_threads_store, "0"),
};
const unsigned int iscst_nr_acg_attrs = ARRAY_SIZE(iscst_acg_attrs);

/* ---- session */

/* ISID and TSIH as they stand on the wire, read as one little-endian number. */
static int sid_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	const struct iscst_sess *sess = to_iscst_sess(obj);
	u64 sid = sess->tsih;
	int i;

	for (i = ISCSI_ISID_LEN - 1; i >= 0; i--)
		sid = sid << 8 | sess->isid[i];
	return scnprintf(buf, size, "%llx", sid);
}

static int reinstating_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(to_iscst_sess(obj)->held));
}

/* There is no thread of ours to name: the connection's work runs on kworkers. */
static int thread_pid_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return 0;
}

#define PARAM_NUMBER(_member)										\
static int _member##_show(void *obj, const struct scst_attr *a, char *buf, size_t size)				\
{														\
	return scnprintf(buf, size, "%u", to_iscst_sess(obj)->params._member);					\
}

#define PARAM_WORD(_member, _yes, _no)										\
static int _member##_show(void *obj, const struct scst_attr *a, char *buf, size_t size)				\
{														\
	return scnprintf(buf, size, "%s", to_iscst_sess(obj)->params._member ? (_yes) : (_no));			\
}

PARAM_WORD(initial_r2t, "Yes", "No")
PARAM_WORD(immediate_data, "Yes", "No")
PARAM_WORD(header_digest, "CRC32C", "None")
PARAM_WORD(data_digest, "CRC32C", "None")
PARAM_NUMBER(max_recv_dsl)
PARAM_NUMBER(max_xmit_dsl)
PARAM_NUMBER(max_burst)
PARAM_NUMBER(first_burst)
PARAM_NUMBER(max_outstanding_r2t)

const struct scst_attr iscst_sess_attrs[] = {
	SCST_ATTR_RO(sid, sid_show, NULL),
	SCST_ATTR_RO(reinstating, reinstating_show, NULL),
	SCST_ATTR_RO(thread_pid, thread_pid_show, NULL),
	SCST_ATTR_RO(InitialR2T, initial_r2t_show, NULL),
	SCST_ATTR_RO(ImmediateData, immediate_data_show, NULL),
	SCST_ATTR_RO(MaxRecvDataSegmentLength, max_recv_dsl_show, NULL),
	SCST_ATTR_RO(MaxXmitDataSegmentLength, max_xmit_dsl_show, NULL),
	SCST_ATTR_RO(MaxBurstLength, max_burst_show, NULL),
	SCST_ATTR_RO(FirstBurstLength, first_burst_show, NULL),
	SCST_ATTR_RO(MaxOutstandingR2T, max_outstanding_r2t_show, NULL),
	SCST_ATTR_RO(HeaderDigest, header_digest_show, NULL),
	SCST_ATTR_RO(DataDigest, data_digest_show, NULL),
};
const unsigned int iscst_nr_sess_attrs = ARRAY_SIZE(iscst_sess_attrs);

/* ---- connection: obj is the struct iscst_sess; these files end without a newline, but for transport */

static int conn_of(void *obj, char *buf, size_t size,
		   int (*show)(struct iscst_conn *conn, char *buf, size_t size))
{
	return show(((struct iscst_sess *)obj)->conn, buf, size);
}

static int cid_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", iscst_conn_cid(((struct iscst_sess *)obj)->conn));
}

static int ip_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return conn_of(obj, buf, size, iscst_conn_show_ip);
}

static int target_ip_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return conn_of(obj, buf, size, iscst_conn_show_target_ip);
}

static int state_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return conn_of(obj, buf, size, iscst_conn_show_state);
}

static int transport_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "iSCSI-TCP");
}

const struct scst_attr iscst_conn_attrs[] = {
	SCST_ATTR_RO(cid, cid_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(ip, ip_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(target_ip, target_ip_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(state, state_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(transport, transport_show, NULL),
};
const unsigned int iscst_nr_conn_attrs = ARRAY_SIZE(iscst_conn_attrs);
