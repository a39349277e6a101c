// SPDX-License-Identifier: GPL-2.0
/*
 * iSCSI sessions: from a checked hand-over to a running session, reinstatement, and the end.
 *
 * Reinstatement (RFC 7143 6.3.5): a login with TSIH 0 for an initiator port (name + ISID) that has a session already closes
 * the old one. The new session answers its login at once; its SCSI commands wait at the core's gate until every older
 * session of the same port has ended, so two sessions never write on behalf of one port. tgt->sessions is in order of age,
 * which makes "older" a matter of position.
 *
 * Connection reinstatement (6.3.4): a login with the session's TSIH and CID. Since a session has one connection here, it is
 * done likewise, by a new struct iscst_sess, but this one goes on with the old one's nexus: same TSIH, no unit attention for its
 * loss, and at the end of the old one it inherits what that had (scst_sess_inherit()). Only when something that is told once may
 * have got lost with the old connection, it does report a loss, so that the initiator looks at everything.
 *
 * Either way nothing of the old session writes when a new one's commands run: its commands have ended, and so have copies that
 * went on in the background. A lost nexus ends those (SPC-4, third-party copies); where the nexus goes on they need not end, but do
 * like the tasks of the connection: whoever asks is told that they were terminated, and knows what is written.
 */
#include <linux/slab.h>

#include "iscst.h"
#include "seq.h"

static u16 last_tsih;	/* iscst_mutex */

static void sess_release(void *obj)
{
	struct iscst_sess *sess = obj;

	if (sess->conn)
		iscst_conn_put(sess->conn);
	kfree(sess);
}

/* Behind '#', which is in no name of an initiator, stands the portal that per_portal_acl adds: it is not part of the port. */
static size_t port_name_len(const char *name)
{
	return strcspn(name, "#");
}

static bool is_port(const struct iscst_sess *sess, const char *name, const u8 *isid)
{
	size_t len = port_name_len(name);

	return !memcmp(sess->isid, isid, sizeof(sess->isid)) && len == port_name_len(sess->name) &&
	       !memcmp(sess->name, name, len);
}

static bool same_port(const struct iscst_sess *a, const struct iscst_sess *b)
{
	return is_port(a, b->name, b->isid);
}

/* Is an older session of the same initiator port still there? */
static bool has_predecessor(const struct iscst_sess *sess)
{
	struct iscst_sess *old;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(old, &sess->tgt->sessions, tgt_link) {
		if (old == sess)
			return false;
		if (same_port(old, sess))
			return true;
	}
	return false;
}

static bool tsih_used(const void *arg, u16 tsih)
{
	const struct iscst_tgt *tgt = arg;
	const struct iscst_sess *sess;

	list_for_each_entry(sess, &tgt->sessions, tgt_link)
		if (sess->tsih == tsih)
			return true;
	return false;
}

/* 65,535 sessions of one target are all there can be. */
static int assign_tsih(struct iscst_sess *sess)
{
	u16 tsih;

	lockdep_assert_held(&iscst_mutex);
	tsih = iscsi_tsih_choose(last_tsih, tsih_used, sess->tgt);
	if (!tsih)
		return -EUSERS;
	sess->tsih = tsih;
	last_tsih = tsih;
	return 0;
}

/*
 * What a login with a TSIH refers to, unless it is about to end for good: its connection has, or a login without TSIH came after
 * it (RFC 7143 6.3.5). Under the name of another portal LUNs may be other disks: that is no going on.
 */
static struct iscst_sess *find_tsih(struct iscst_tgt *tgt, const struct iscst_login *login)
{
	struct iscst_sess *sess, *found = NULL;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(sess, &tgt->sessions, tgt_link) {
		if (!is_port(sess, login->initiator, login->isid))
			continue;
		if (sess->tsih != login->tsih)
			found = NULL;
		else if (!sess->ended && !strcmp(sess->name, login->initiator))
			found = sess;
	}
	return found;
}

/* Sessions that this one replaces don't count against MaxSessions. */
static bool too_many_sessions(const struct iscst_sess *sess)
{
	u32 max = READ_ONCE(sess->tgt->attrs.value[ISCSI_KEY_MAX_SESSIONS]);
	const struct iscst_sess *other;
	u32 n = 0;

	if (!max)
		return false;
	list_for_each_entry(other, &sess->tgt->sessions, tgt_link)
		if (!same_port(other, sess))
			n++;
	return n >= max;
}

/*
 * Puts the session on its target's list. From here on it has its TSIH and its place in the order of age, and a target that is
 * being removed waits for it.
 */
static int publish(struct iscst_sess *sess, const struct iscst_login *login)
{
	struct iscst_tgt *tgt = sess->tgt;
	int ret = 0;

	mutex_lock(&iscst_mutex);
	if (tgt->dying)
		ret = -ESHUTDOWN;
	else if (sess->continues)
		ret = find_tsih(tgt, login) ? 0 : -ESTALE;
	else if (too_many_sessions(sess))
		ret = -EUSERS;
	else
		ret = assign_tsih(sess);
	if (!ret) {
		list_add_tail(&sess->tgt_link, &tgt->sessions);
		tgt->nr_sessions++;
		WRITE_ONCE(sess->held, has_predecessor(sess)); /* before its first command */
		sess->lent = sess->held && !sess->continues;
		if (sess->held) {
			scst_sess_hold(&sess->sess);
			if (sess->continues)
				scst_sess_continue(&sess->sess);
			else
				scst_sess_nexus_loss(&sess->sess);
		}
	}
	mutex_unlock(&iscst_mutex);
	return ret;
}

static void inherit(struct iscst_sess *heir, struct iscst_sess *sess)
{
	scst_sess_inherit(&heir->sess, &sess->sess);
	if (iscst_conn_take_unheard(sess->conn))
		scst_sess_ua(&heir->sess, SCSI_SENSE_UA_NEXUS_LOSS);
}

/* Again, for a heir that has been listed and has not yet come to replace(). */
static void take_over(struct iscst_sess *heir, struct iscst_sess *sess)
{
	scst_sess_pass_losses(&heir->sess, &sess->sess);
	scst_sess_replace(&heir->sess, &sess->sess);
}

/* What it reserved when it took the place of older ones is theirs again: their commands may still be writing. */
static void give_back(struct iscst_sess *sess)
{
	struct iscst_sess *old;

	list_for_each_entry(old, &sess->tgt->sessions, tgt_link) {
		if (old == sess)
			return;
		if (same_port(old, sess) && !old->ended) {
			scst_sess_replace(&old->sess, &sess->sess);
			return;
		}
	}
}

/*
 * The connection is gone, no command is left: a connection that has reinstated it goes on with the nexus. One of a new session waits
 * with its commands, and finds what is said of their data.
 */
static void bequeath(struct iscst_sess *sess)
{
	struct iscst_sess *heir = sess;

	mutex_lock(&iscst_mutex);
	sess->ended = true;
	list_for_each_entry_continue(heir, &sess->tgt->sessions, tgt_link) {
		if (!same_port(heir, sess) || heir->ended)
			continue;
		if (heir->continues && heir->tsih == sess->tsih)
			inherit(heir, sess);
		else
			take_over(heir, sess);
		goto out;
	}
	give_back(sess);
out:
	mutex_unlock(&iscst_mutex);
}

/* No older session of its port is left: commands may run, and what a lost nexus had reserved is so no longer. */
static void end_hold(struct iscst_sess *sess)
{
	lockdep_assert_held(&iscst_mutex);
	if (sess->lent)
		scst_sess_logged_out(&sess->sess);
	WRITE_ONCE(sess->held, false); /* pairs with iscst_logout_check() */
	scst_sess_release_hold(&sess->sess);
}

/* Off the list; sessions that waited for this one, and for no other, may run. */
static void unpublish(struct iscst_sess *sess)
{
	struct iscst_sess *next;

	mutex_lock(&iscst_mutex);
	list_del_init(&sess->tgt_link);
	sess->tgt->nr_sessions--;
	list_for_each_entry(next, &sess->tgt->sessions, tgt_link)
		if (next->held && same_port(next, sess) && !has_predecessor(next))
			end_hold(next);
	mutex_unlock(&iscst_mutex);
}

/*
 * Its commands are aborted before its connection hears of it: none of them reserves anything, establishes an auto contingent
 * allegiance or gets past a gate once the new session has what it had.
 */
static void replace(struct iscst_sess *old, struct iscst_sess *sess)
{
	bool same = sess->continues && old->tsih == sess->tsih;

	lockdep_assert_held(&iscst_mutex);
	iscst_conn_close(old->conn, sess->continues ? "connection reinstatement" : "session reinstatement");
	scst_sess_abort(&old->sess);
	scst_sess_replace(&sess->sess, &old->sess);
	if (!same)
		return;
	sess->lent |= old->held && old->lent;
	/* Now, since TEST UNIT READY does not wait at the gate; bequeath() gives what the last commands leave. */
	inherit(sess, old);
}

/*
 * The login has succeeded: only now may older sessions of the port be touched. And the new one has not begun: its first command
 * finds done what is done here.
 */
static void close_predecessors(struct iscst_sess *sess)
{
	struct iscst_sess *old;

	mutex_lock(&iscst_mutex);
	list_for_each_entry(old, &sess->tgt->sessions, tgt_link) {
		if (old == sess)
			break;
		if (same_port(old, sess))
			replace(old, sess);
	}
	mutex_unlock(&iscst_mutex);
}

/* The initiator port's name is the initiator's, ",i,0x" and the ISID (RFC 7143 4.2.6); zero padding (SPC-4 7.6.4.6). */
static void make_transport_id(struct iscst_sess *sess)
{
	u8 *tid = sess->transport_id;
	unsigned int len;

	len = scnprintf((char *)tid + 4, sizeof(sess->transport_id) - 4, "%.*s,i,0x%*phN",
			(int)port_name_len(sess->name), sess->name, ISCSI_ISID_LEN, sess->isid) + 1;
	len = max(ALIGN(len, 4U), 20U);
	tid[0] = 0x45; /* FORMAT 01b, PROTOCOL IDENTIFIER iSCSI */
	put_unaligned_be16(len, tid + 2);
	sess->sess.transport_id = tid;
	sess->sess.transport_id_len = 4 + len;
}

static struct iscst_sess *sess_alloc(struct iscst_tgt *tgt, const struct iscst_login *login, const struct iscsi_params *params)
{
	struct iscst_sess *sess = kzalloc(sizeof(*sess), GFP_KERNEL);
	struct iscst_conn *conn;

	if (!sess)
		return ERR_PTR(-ENOMEM);
	sess->tgt = tgt;
	sess->params = *params;
	sess->tsih = login->tsih;
	sess->continues = login->tsih;
	memcpy(sess->isid, login->isid, sizeof(sess->isid));
	strscpy(sess->name, login->initiator, sizeof(sess->name));
	make_transport_id(sess);
	INIT_LIST_HEAD(&sess->tgt_link);
	conn = iscst_conn_create(sess, login->sock, login->cid, login->cmdsn, login->statsn);
	if (IS_ERR(conn)) {
		kfree(sess);
		return ERR_CAST(conn);
	}
	sess->conn = conn;
	return sess;
}

static void conn_node_release(void *obj)
{
	/* The node is part of the session, which it has kept until now: scst_node_own(). */
}

static int add_conn_dir(struct iscst_sess *sess)
{
	char ip[64];
	int ret;

	ret = iscst_conn_show_ip(sess->conn, ip, sizeof(ip));
	if (ret < 0)
		return ret;
	scst_node_init(&sess->conn_node, sess, conn_node_release);
	/* Its release may come late, also when it never got a parent. */
	scst_node_own(&sess->conn_node, &sess->sess.node);
	ret = scst_node_add(&sess->conn_node, &sess->sess.node, ip);
	if (!ret)
		ret = scst_node_add_attrs(&sess->conn_node, iscst_conn_attrs, iscst_nr_conn_attrs);
	if (ret) {
		scst_node_del(&sess->conn_node);
		scst_node_put(&sess->conn_node);
	}
	return ret;
}

static void del_conn_dir(struct iscst_sess *sess)
{
	scst_node_del(&sess->conn_node);
	scst_node_put(&sess->conn_node);
}

/*
 * A TSIH asks for a second connection (never: MaxConnections is 1) or for reinstatement of the first, which keeps what the
 * session has negotiated; digests and lengths of data segments are the connection's own.
 */
static int check_tsih(struct iscst_tgt *tgt, const struct iscst_login *login, struct iscsi_params *params)
{
	struct iscst_sess *old;
	int ret = 0;

	*params = *login->params;
	if (!login->tsih)
		return 0;
	mutex_lock(&iscst_mutex);
	old = find_tsih(tgt, login);
	if (!old) {
		ret = -ESTALE;
	} else if (iscst_conn_cid(old->conn) != login->cid) {
		ret = -EMLINK;
	} else {
		*params = old->params;
		params->max_recv_dsl = login->params->max_recv_dsl;
		params->max_xmit_dsl = login->params->max_xmit_dsl;
		params->header_digest = login->params->header_digest;
		params->data_digest = login->params->data_digest;
	}
	mutex_unlock(&iscst_mutex);
	return ret;
}

static int sess_start(struct iscst_sess *sess, const struct iscst_login *login)
{
	int ret;

	ret = add_conn_dir(sess);
	if (ret)
		return ret;
	ret = publish(sess, login);
	if (ret)
		goto out_dir;
	ret = iscst_conn_attach(sess->conn, login->response, login->response_len);
	if (ret)
		goto out_unpublish;
	close_predecessors(sess);
	iscst_conn_start(sess->conn);
	return 0;

out_unpublish:
	bequeath(sess);
	unpublish(sess);
out_dir:
	del_conn_dir(sess);
	return ret;
}

/**
 * iscst_sess_login() - make a session out of a finished login
 * @login: what the daemon handed over
 *
 * Process context; sleeps for memory and sysfs only, never for a peer or a backing store.
 * Return: 0, or an errno of include/iscsi_scst.h; nothing has been sent then and the socket is still the caller's.
 */
int iscst_sess_login(const struct iscst_login *login)
{
	struct iscsi_params params;
	struct scst_tgt *tgt;
	struct iscst_sess *sess;
	int ret;

	/* A session keeps the module: it cannot be unloaded while one is there. iscst_sess_conn_gone() puts it. */
	if (!READ_ONCE(iscst_enabled) || !try_module_get(THIS_MODULE))
		return -ESHUTDOWN;
	tgt = scst_tgt_find(&iscst_driver, login->target);
	if (!tgt) {
		ret = -ENOENT;
		goto out_module;
	}
	ret = check_tsih(to_iscst_tgt(tgt), login, &params);
	if (ret)
		goto out_tgt;
	sess = sess_alloc(to_iscst_tgt(tgt), login, &params);
	if (IS_ERR(sess)) {
		ret = PTR_ERR(sess);
		goto out_tgt;
	}
	ret = scst_sess_register(&sess->sess, tgt, login->initiator, sess_release);
	if (ret) {
		sess_release(sess);
		goto out_tgt;
	}
	/* Once started it may end at any moment. */
	scst_node_get(&sess->sess.node);
	ret = sess_start(sess, login);
	if (ret)
		scst_sess_unregister(&sess->sess);
	scst_node_put(&sess->sess.node);
out_tgt:
	scst_node_put(&tgt->node);
out_module:
	if (ret)
		module_put(THIS_MODULE);
	return ret;
}

/*
 * The connection is gone and with it the session: unlink, remove, then let the next one of the port run. The module
 * reference goes last; what still runs here then is waited for when the module destroys iscst_release_wq.
 */
void iscst_sess_conn_gone(struct iscst_sess *sess)
{
	scst_node_get(&sess->sess.node);
	del_conn_dir(sess);
	bequeath(sess);
	scst_sess_unregister(&sess->sess);
	unpublish(sess);
	scst_node_put(&sess->sess.node);
	module_put(THIS_MODULE);
}

void iscst_close_sess(struct scst_sess *sess)
{
	iscst_conn_drop(to_iscst_sess(sess)->conn, "force_close");
}

void iscst_tgt_close_sessions(struct iscst_tgt *tgt, const char *why)
{
	struct iscst_sess *sess;

	mutex_lock(&iscst_mutex);
	list_for_each_entry(sess, &tgt->sessions, tgt_link)
		iscst_conn_close(sess->conn, why);
	mutex_unlock(&iscst_mutex);
}
