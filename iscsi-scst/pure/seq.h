/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence numbers of the full-feature phase: the CmdSN window (RFC 7143 4.2.2.1), the bursts in which write data arrive
 * (4.2.2.3, 11.7) and residual counts (11.4.5). Pure.
 */
#ifndef ISCSI_SEQ_H
#define ISCSI_SEQ_H

#include "scst_pure.h"
#include "iscsi_proto.h"

#define ISCSI_WINDOW_MAX	2048	/* commands; the largest QueuedCommands */

/**
 * struct iscsi_window - which commands may come
 * @exp: ExpCmdSN
 * @max: highest MaxCmdSN ever told; never goes back
 * @lost: CmdSNs at or above @exp that an ABORT TASK has declared received, by number modulo ISCSI_WINDOW_MAX
 */
struct iscsi_window {
	u32 exp;
	u32 max;
	u64 lost[ISCSI_WINDOW_MAX / 64];
};

enum iscsi_window_verdict {
	ISCSI_WINDOW_TAKE,	/* next in order; ExpCmdSN has advanced */
	ISCSI_WINDOW_DROP,	/* outside of the window, or declared received: ignore silently */
	ISCSI_WINDOW_GAP,	/* an earlier one is missing, which on a single connection never comes */
};

/**
 * iscsi_window_init() - begin the full-feature phase
 * @w: window
 * @cmdsn: first CmdSN expected; nothing has been promised yet
 */
void iscsi_window_init(struct iscsi_window *w, u32 cmdsn);

/**
 * iscsi_window_take() - a request that is not immediate has arrived
 * @w: window
 * @cmdsn: its CmdSN
 *
 * Return: what to do with it.
 */
enum iscsi_window_verdict iscsi_window_take(struct iscsi_window *w, u32 cmdsn);

/**
 * iscsi_window_max() - MaxCmdSN for the PDU being built
 * @w: window; remembers the promise
 * @queued: commands that may be queued, at most ISCSI_WINDOW_MAX
 * @active: commands taken whose response is not under way yet
 *
 * Return: MaxCmdSN, never lower than what was told before.
 */
u32 iscsi_window_max(struct iscsi_window *w, u32 queued, u32 active);

/**
 * iscsi_window_lose() - ABORT TASK names a command that never came (RFC 7143 11.5.5)
 * @w: window
 * @ref_cmdsn: RefCmdSN
 * @tmf_cmdsn: CmdSN of the request itself
 *
 * Return: true when the number lies inside the window and before the request: it counts as received from now on.
 */
bool iscsi_window_lose(struct iscsi_window *w, u32 ref_cmdsn, u32 tmf_cmdsn);

/**
 * struct iscsi_burst - one sequence of Data-Out PDUs, unsolicited or asked for by one R2T
 * @off: where it begins in the command's data
 * @len: bytes asked for; most that may come if unsolicited
 * @got: bytes that have come
 * @datasn: DataSN of the next PDU
 */
struct iscsi_burst {
	u32 off;
	u32 len;
	u32 got;
	u32 datasn;
};

enum iscsi_dataout_verdict {
	ISCSI_DATAOUT_OK,
	ISCSI_DATAOUT_BAD_SN,	/* DataSN does not count up from 0 */
	ISCSI_DATAOUT_BAD_OFFSET,	/* not where the last one ended (DataPDUInOrder=Yes) */
	ISCSI_DATAOUT_BEYOND,	/* more than was asked for */
	ISCSI_DATAOUT_SHORT,	/* F before all that was asked for */
	ISCSI_DATAOUT_NO_FINAL,	/* complete without F */
};

/**
 * iscsi_dataout_check() - does a Data-Out PDU fit into its burst
 * @b: burst; on ISCSI_DATAOUT_OK the PDU has been counted
 * @bhs: header
 * @solicited: the burst answers an R2T, so it ends exactly at @b->len
 *
 * Return: ISCSI_DATAOUT_OK, or the first rule it breaks.
 */
enum iscsi_dataout_verdict iscsi_dataout_check(struct iscsi_burst *b, const u8 *bhs, bool solicited);

/**
 * struct iscsi_residual - residual of one response
 * @flags: ISCSI_RSP_OVERFLOW, ISCSI_RSP_UNDERFLOW or 0
 * @count: Residual Count
 */
struct iscsi_residual {
	u8 flags;
	u32 count;
};

/**
 * iscsi_residual() - residual of a command
 * @edtl: Expected Data Transfer Length
 * @want: bytes the CDB asked to move
 * @moved: bytes moved
 *
 * Return: overflow by what the CDB wanted beyond @edtl, else underflow by what was not moved.
 */
struct iscsi_residual iscsi_residual(u32 edtl, u32 want, u32 moved);

/**
 * iscsi_tsih_choose() - the TSIH of a new session
 * @last: the one chosen last
 * @used: has a session this one?
 * @arg: for @used
 *
 * Counts upwards, so that a number comes back as late as possible. 0 means "a new session" and is nobody's.
 *
 * Return: the next one that is free, 0 when all are in use.
 */
u16 iscsi_tsih_choose(u16 last, bool (*used)(const void *arg, u16 tsih), const void *arg);

#endif /* ISCSI_SEQ_H */
