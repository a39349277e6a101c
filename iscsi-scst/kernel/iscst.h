/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rooms of iscsi-scst.ko share.
 *
 * Control: main.c target.c attrs.c dynattrs.c sess.c handover.c. Data: conn.c rx.c tx.c scsi_cmd.c tmf.c misc_pdu.c.
 * A session has exactly one connection (MaxConnections=1); a connection is owned by its io_work: receive, execute and send
 * happen there and nowhere else, so a connection has no lock. Everybody else appends to conn->done (llist) or sets an event
 * bit and queues the work.
 *
 * Locks: iscst_mutex (targets' session lists, TSIHs, attributes that are strings; never on the data path). Nothing of ours is
 * held when a socket lock is taken.
 *
 * Life: handover creates session and connection and starts them; the first closer moves LIVE -> CLOSING and queues
 * release_work, which restores the socket callbacks, lets commands end, drains unsent responses, releases the socket, moves
 * to GONE and hands the session to iscst_sess_conn_gone().
 */
#ifndef ISCST_H
#define ISCST_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "iscsi_proto.h"
#include "iscsi_scst.h"
#include "scst.h"
#include "scst_compat.h"
#include "keys.h"

struct iscst_conn;
struct iscst_cmd;

extern struct scst_driver iscst_driver;
extern struct mutex iscst_mutex;
extern struct workqueue_struct *iscst_io_wq;		/* io_work; WQ_MEM_RECLAIM, not WQ_HIGHPRI */
extern struct workqueue_struct *iscst_release_wq;	/* release_work, session ends; may wait for the former */

/**
 * struct iscst_dyn_set - attributes that an administrator adds and removes: portal patterns and CHAP accounts
 * @node: directory of their files
 * @list: of struct iscst_dyn; iscst_mutex
 * @nr: length of @list
 * @accounts_only: the driver's: no allowed_portal
 * @closed: the owner is going, nothing can be added; iscst_mutex
 */
struct iscst_dyn_set {
	struct scst_node *node;
	struct list_head list;
	unsigned int nr;
	bool accounts_only;
	bool closed;
};

/**
 * struct iscst_tgt - an iSCSI target
 * @tgt: core's part; its node counts the memory
 * @tid: shown in sysfs
 * @attrs: values of the key attributes; single words, READ_ONCE/WRITE_ONCE
 * @sessions: iscst_sess by tgt_link, closing ones included until they are gone; iscst_mutex
 * @nr_sessions: length of @sessions
 * @dying: no new session; iscst_mutex
 */
struct iscst_tgt {
	struct scst_tgt tgt;
	u32 tid;
	struct iscsi_tgt_attrs attrs;
	struct list_head sessions;
	unsigned int nr_sessions;
	bool dying;
	bool per_portal_acl;
	char *alias;			/* iscst_mutex */
	char *redirect;			/* iscst_mutex */
	struct iscst_dyn_set dyn;	/* allowed_portal, accounts */
	struct list_head link;		/* all targets; iscst_mutex */
};

static inline struct iscst_tgt *to_iscst_tgt(struct scst_tgt *tgt)
{
	return container_of(tgt, struct iscst_tgt, tgt);
}

/**
 * struct iscst_sess - an iSCSI session
 * @sess: core's part; its node counts the memory
 * @tgt: target; @sess holds the reference
 * @conn: its connection; set once before the session is visible, the session owns a reference until it is freed
 * @params: negotiated at login, constant
 * @isid: wire order
 * @tsih: non-zero
 * @held: older sessions of the same initiator port are still ending: SCSI commands wait at the core's gate; iscst_mutex
 * @lent: what RESERVE reserves for it is a lost nexus's, and lasts while it is @held; iscst_mutex
 * @continues: reinstates the connection of an older session with the same TSIH and goes on with its nexus
 * @ended: it has bequeathed what it had; iscst_mutex
 * @conn_node: sessions/S/<initiator address>
 * @transport_id: of the initiator port (SPC-4 7.6.4.6)
 */
struct iscst_sess {
	struct scst_sess sess;
	struct iscst_tgt *tgt;
	struct iscst_conn *conn;
	struct iscsi_params params;
	u8 isid[ISCSI_ISID_LEN];
	u16 tsih;
	bool held;
	bool lent;
	bool continues;
	bool ended;
	struct list_head tgt_link;	/* tgt->sessions, oldest first; iscst_mutex */
	struct scst_node conn_node;
	char name[ISCSI_STORED_NAME_MAX + 1];
	u8 transport_id[4 + ISCSI_STORED_NAME_MAX + 24];
};

static inline struct iscst_sess *to_iscst_sess(struct scst_sess *sess)
{
	return container_of(sess, struct iscst_sess, sess);
}

/* ---- data rooms, called by control */

/**
 * iscst_conn_create() - a connection with its command slots and rings, not yet attached to the socket
 * @sess: session, params set
 * @sock: connected TCP socket; its file reference becomes the connection's on success of iscst_conn_attach()
 * @cid: connection id
 * @cmdsn: ExpCmdSN of the full-feature phase
 * @statsn: StatSN that the Login Response carries; the next response uses @statsn + 1
 *
 * Return: connection with one reference (the session's) or ERR_PTR(-ENOMEM).
 */
struct iscst_conn *iscst_conn_create(struct iscst_sess *sess, struct socket *sock, u16 cid, u32 cmdsn, u32 statsn);

/**
 * iscst_conn_attach() - attach to the socket
 * @conn: connection
 * @response: last Login Response as the daemon built it; TSIH, ExpCmdSN and MaxCmdSN are written into it here. Sent without
 *	digests; what follows uses the negotiated ones
 * @len: its bytes
 *
 * Nothing is sent, received or closed yet. Process context, short. Return: 0; -EPIPE when the socket is not established, -EBUSY
 * when somebody else uses its callbacks, -EINVAL when it is no plain TCP socket. After an error nothing was sent and the caller
 * still owns the socket.
 */
int iscst_conn_attach(struct iscst_conn *conn, const u8 *response, unsigned int len);
/* Sends the Login Response and starts receiving; once attached. From here on it may end at any moment. */
void iscst_conn_start(struct iscst_conn *conn);

/* Starts closing, at most once, from any context (softirq included); @why goes into one rate-limited debug line. */
void iscst_conn_close(struct iscst_conn *conn, const char *why);
/* As above; the initiator is told, if the socket has room for it at once. */
void iscst_conn_drop(struct iscst_conn *conn, const char *why);
/*
 * Has it told a unit attention, or that the LUNs have changed, without the initiator acknowledging that? Says so once; while the
 * connection closes there may be more.
 */
bool iscst_conn_take_unheard(struct iscst_conn *conn);
void iscst_conn_get(struct iscst_conn *conn);
void iscst_conn_put(struct iscst_conn *conn);

/* For sysfs; process context. All write text without newline, return the length or -errno. */
int iscst_conn_show_state(struct iscst_conn *conn, char *buf, size_t size);
int iscst_conn_show_ip(struct iscst_conn *conn, char *buf, size_t size);
int iscst_conn_show_target_ip(struct iscst_conn *conn, char *buf, size_t size);
u16 iscst_conn_cid(const struct iscst_conn *conn);

/* Ops of the core's driver table, implemented by the data rooms. */
void iscst_queue_response(struct scst_cmd *cmd);
void iscst_tmf_done(struct scst_tmf *tmf);
void iscst_kick(struct scst_sess *sess);
void iscst_luns_changed(struct scst_sess *sess);

/* Module exit: no socket callback of ours runs any more. */
void iscst_conn_exit(void);

/* ---- control rooms, called by data */

/* The connection of @sess is GONE, no command and no copy is left: end the session. Process context (release_work), may sleep. */
void iscst_sess_conn_gone(struct iscst_sess *sess);
/* TARGET COLD RESET has been answered: close every session of the target. Any context that may take a mutex. */
void iscst_tgt_close_sessions(struct iscst_tgt *tgt, const char *why);

/* ---- among the control rooms */

extern const struct scst_attr iscst_driver_attrs[], iscst_tgt_attrs[], iscst_acg_attrs[], iscst_sess_attrs[], iscst_conn_attrs[];
extern const unsigned int iscst_nr_driver_attrs, iscst_nr_tgt_attrs, iscst_nr_acg_attrs, iscst_nr_sess_attrs,
	iscst_nr_conn_attrs;

extern bool iscst_enabled;	/* driver's "enabled"; READ_ONCE */

/* Module exit: no session is left (each holds a module reference); removes all targets, no new one can come. */
void iscst_remove_targets(void);
/* Applies one NAME=VALUE of add_target. */
int iscst_tgt_set(struct iscst_tgt *tgt, const char *name, char *value);
/* Module exit: nobody reads the attributes of the driver any more. */
void iscst_driver_values_free(void);
/* dynattrs.c; @text is what follows the attribute's name, and is cut into pieces. */
void iscst_dyn_init(struct iscst_dyn_set *set, struct scst_node *node, bool accounts_only);
/* Removes all; the directory must still be there. */
void iscst_dyn_close(struct iscst_dyn_set *set);
bool iscst_dyn_known(const struct iscst_dyn_set *set, const char *name);
int iscst_dyn_add(struct iscst_dyn_set *set, const char *name, char *text);
int iscst_dyn_del(struct iscst_dyn_set *set, const char *name, char *text);
int iscst_add_target(struct scst_driver *drv, const char *name, char *params);
int iscst_del_target(struct scst_tgt *tgt);
int iscst_enable_target(struct scst_tgt *tgt, bool on);
int iscst_add_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest);
int iscst_del_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest);
void iscst_close_sess(struct scst_sess *sess);

/**
 * struct iscst_login - everything the daemon sent, ranges checked
 * @sock: connected socket; its file reference passes to the connection when iscst_sess_login() succeeds
 * @target: target name
 * @initiator: name for access control and sysfs
 * @isid: wire order
 * @tsih: of the login request
 * @cid: connection id
 * @params: negotiated parameters
 * @cmdsn: ExpCmdSN of the full-feature phase
 * @statsn: StatSN inside @response
 * @response: last Login Response
 * @response_len: its bytes
 */
struct iscst_login {
	struct socket *sock;
	const char *target;
	const char *initiator;
	const u8 *isid;
	u16 tsih;
	u16 cid;
	const struct iscsi_params *params;
	u32 cmdsn;
	u32 statsn;
	const u8 *response;
	unsigned int response_len;
};

int iscst_sess_login(const struct iscst_login *login);
int iscst_handover_init(void);
void iscst_handover_exit(void);
bool iscst_daemon_present(void);

#endif /* ISCST_H */
