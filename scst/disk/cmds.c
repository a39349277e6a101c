// SPDX-License-Identifier: GPL-2.0
/*
 * What goes to the disk, what comes back: commands are passed on as they are. Looked at are only those whose meaning depends on
 * who asks, for the disk takes all initiators for one.
 *
 * The core keeps reservations, registrations, task management and unit attentions of each nexus; none of that reaches the disk.
 */
#include <linux/highmem.h>

#include "disk.h"
#include "../pure/alua.h"

#define STANDARD_INQUIRY_MIN	36U
#define VPD_LEN			2048U

/* SPC-4 annex D: who does not answer at all, and who took too long. */
#define SENSE_NO_RESPONSE	SCSI_SENSE(0x2, 0x05, 0x00)
#define SENSE_TIMED_OUT		SCSI_SENSE(0xb, 0x2e, 0x02)

/* ------------------------------------------------------------------ way in */

static bool is_read_write(const struct scst_cmd *cmd)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_READ_6:
	case SCSI_OP_ID_READ_10:
	case SCSI_OP_ID_READ_12:
	case SCSI_OP_ID_READ_16:
	case SCSI_OP_ID_WRITE_6:
	case SCSI_OP_ID_WRITE_10:
	case SCSI_OP_ID_WRITE_12:
	case SCSI_OP_ID_WRITE_16:
		return true;
	default:
		return false;
	}
}

/* Bytes of the CDB, 0: more than can be sent. */
static unsigned int cdb_length(const struct scst_cmd *cmd)
{
	unsigned int len = cmd->info.op->cdb_len;

	if (cmd->info.op->id == SCSI_OP_ID_NONE) {
		if (cmd->cdb[0] == SCSI_OP_VARIABLE_LENGTH)
			len = cmd->cdb_len > 7 ? 8 + cmd->cdb[7] : 0;
		else
			len = COMMAND_SIZE(cmd->cdb[0]);
	}
	return len <= cmd->cdb_len && len <= sizeof_field(struct disk_io, cdb) ? len : 0;
}

/* WRITE BUFFER with microcode (SPC-4 6.49): the host's administrator decides what his disk runs. */
static bool is_microcode(const struct scst_cmd *cmd)
{
	u8 mode = cmd->cdb[1] & 0x1f;

	return cmd->info.op->id == SCSI_OP_ID_WRITE_BUFFER && ((mode >= 0x04 && mode <= 0x07) || (mode >= 0x0d && mode <= 0x0f));
}

static bool is_hidden_page(const struct scst_cmd *cmd)
{
	return cmd->info.op->id == SCSI_OP_ID_INQUIRY && (cmd->cdb[1] & 0x01) && scsi_host_page_hidden(cmd->cdb[2]);
}

static void disk_exec(struct scst_cmd *cmd);
static void disk_perf_exec(struct scst_cmd *cmd);

bool disk_parse(struct scst_cmd *cmd)
{
	bool perf = cmd->dev->handler == &disk_perf_handler && is_read_write(cmd);

	cmd->exec = perf ? disk_perf_exec : disk_exec;
	if (unlikely(!cdb_length(cmd)))
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
	else if (unlikely(is_microcode(cmd)))
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4);
	else if (unlikely(is_hidden_page(cmd)))
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	else if (unlikely(cmd->info.xfer_len > SCST_MAX_XFER))
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	return cmd->status == SCSI_GOOD;
}

bool disk_supports(struct scst_dev *dev, unsigned int op_id)
{
	return op_id < SCSI_OP_ID_MAX && to_disk(dev)->known[op_id];
}

/* --------------------------------------------------------------- execution */

static void zero_data(struct scst_buf *buf)
{
	unsigned int i;

	for (i = 0; i < buf->nr; i++)
		memset(bvec_virt(&buf->bv[i]), 0, buf->bv[i].bv_len);
}

/*
 * All that the CDB asks for has its place, however little the initiator expects. What is not READ may be shorter than the
 * adapter says it was: nothing old must be there to be seen.
 */
static int alloc_in(struct scst_cmd *cmd, struct disk_io *io, u32 len)
{
	int err = scst_cmd_alloc_data(cmd, len);

	if (!err && !io->divisible)
		zero_data(&cmd->buf);
	return err;
}

/* The whole page is needed, whatever part of it is wanted: its length changes. Answers fit one piece of a page. */
static int prepare_inquiry(struct scst_cmd *cmd, struct disk_io *io)
{
	if (io->cdb[1] & 0x01)
		io->total = VPD_LEN;
	else
		io->total = max_t(u32, to_disk(cmd->dev)->sdev->inquiry_len, STANDARD_INQUIRY_MIN);
	put_unaligned_be16(io->total, io->cdb + 3);
	return alloc_in(cmd, io, PAGE_SIZE);
}

/* False: there is nothing to send; status is set. */
static bool prepare_out(struct scst_cmd *cmd, struct disk_io *io)
{
	if (cmd->data_len == io->total)
		return true;
	if (!io->divisible) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_INFORMATION_UNIT);
		return false;
	}
	/* Only whole blocks are written when the initiator sends less than the CDB names. */
	io->total = round_down(cmd->data_len, 1U << cmd->dev->block_shift);
	return io->total;
}

static bool prepare(struct scst_cmd *cmd, struct disk_io *io)
{
	io->cdb_len = cdb_length(cmd);
	memcpy(io->cdb, cmd->cdb, io->cdb_len);
	io->divisible = is_read_write(cmd);
	io->total = cmd->info.dir == SCSI_DIR_NONE ? 0 : cmd->info.xfer_len;
	if (cmd->info.dir == SCSI_DIR_TO)
		return prepare_out(cmd, io);
	if (!io->total)
		return true;
	if (cmd->info.op->id == SCSI_OP_ID_INQUIRY)
		return !prepare_inquiry(cmd, io);
	return !alloc_in(cmd, io, io->total);
}

/* Each nexus prevents removal for itself (SPC-4 6.13); the disk knows one of them. */
static bool others_prevent(const struct scst_cmd *cmd)
{
	struct scst_nexus *nexus;
	bool prevented = false;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &cmd->dev->nexuses, dev_link)
		if (nexus != cmd->nexus && READ_ONCE(nexus->prevent) && !READ_ONCE(nexus->dead))
			prevented = true;
	rcu_read_unlock();
	return prevented;
}

/* True: the disk need not know. */
static bool prevent_is_ours(struct scst_cmd *cmd)
{
	bool prevent = cmd->cdb[4] & 0x01;

	if (cmd->info.op->id != SCSI_OP_ID_PREVENT_ALLOW)
		return false;
	WRITE_ONCE(cmd->nexus->prevent, prevent);
	return !prevent && others_prevent(cmd);
}

static void disk_exec(struct scst_cmd *cmd)
{
	if (!prevent_is_ours(cmd) && prepare(cmd, disk_io(cmd)))
		disk_start(cmd);
	else
		scst_cmd_done(cmd);
}

/* dev_disk_perf: all blocks are references to the one page of zeroes. */
static int add_zeroes(struct scst_cmd *cmd)
{
	struct page *zero = ZERO_PAGE(0);
	u32 left, n;
	int err = scst_buf_reserve(&cmd->buf, DIV_ROUND_UP(cmd->data_len, PAGE_SIZE));

	for (left = cmd->data_len; !err && left; left -= n) {
		n = min_t(u32, left, PAGE_SIZE);
		get_page(zero);
		err = scst_buf_add(&cmd->buf, zero, n, 0);
		if (err)
			put_page(zero);
	}
	return err;
}

static void disk_perf_exec(struct scst_cmd *cmd)
{
	if (cmd->info.dir == SCSI_DIR_FROM) {
		if (add_zeroes(cmd))
			scst_cmd_fail_errno(cmd, -ENOMEM);
		else
			cmd->resp_len = cmd->data_len;
	}
	scst_cmd_done(cmd);
}

/* ---------------------------------------------------------------- way back */

scsi_sense_code disk_sense_code(const u8 *sense, unsigned int len)
{
	struct scsi_sense_hdr hdr;

	if (!scsi_normalize_sense(sense, len, &hdr))
		return 0;
	return SCSI_SENSE(hdr.sense_key, hdr.asc, hdr.ascq);
}

void disk_spread_ua(struct disk_dev *dd, scsi_sense_code code, const struct scst_nexus *except)
{
	scsi_sense_code ua = scsi_host_ua(code);

	if (ua)
		scst_dev_ua(&dd->dev, ua, except);
	if (ua == SCSI_SENSE_UA_MODE_CHANGED || ua == SCSI_SENSE_UA_CAPACITY_CHANGED || ua == SCSI_SENSE_UA_MEDIUM_CHANGED ||
	    ua == SCSI_SENSE_UA_POWER_ON_RESET)
		queue_work(dd->dev.wq, &dd->refresh);
}

static void answer_host_error(struct scst_cmd *cmd, u8 host)
{
	switch (host) {
	case DID_NO_CONNECT:
	case DID_BAD_TARGET:
		scst_cmd_fail(cmd, SENSE_NO_RESPONSE);
		break;
	case DID_TIME_OUT:
		scst_cmd_fail(cmd, SENSE_TIMED_OUT);
		break;
	case DID_BUS_BUSY:
	case DID_RESET:
	case DID_SOFT_ERROR:
	case DID_IMM_RETRY:
	case DID_REQUEUE:
	case DID_TRANSPORT_DISRUPTED:
		cmd->status = SCSI_BUSY;
		break;
	default:
		scst_cmd_fail(cmd, SCSI_SENSE_INTERNAL_RETRIABLE);
		break;
	}
}

static bool is_sync_cache(const struct scst_cmd *cmd)
{
	return cmd->info.op->id == SCSI_OP_ID_SYNC_CACHE_10 || cmd->info.op->id == SCSI_OP_ID_SYNC_CACHE_16;
}

/* Blocks have not been written, whatever the status says: initiators look at the residual of what they sent, not at ours. */
static bool is_short_write(struct scst_cmd *cmd, u32 moved)
{
	struct disk_io *io = disk_io(cmd);

	return io->divisible && cmd->info.dir == SCSI_DIR_TO && moved < io->total;
}

/* The asker has heard it in its own way; of a loss it is told again when that way is to repeat the command. */
static void spread_news(struct scst_cmd *cmd, u8 response, scsi_sense_code code, scsi_sense_code news)
{
	disk_spread_ua(to_disk(cmd->dev), news, cmd->nexus);
	if (news == SCSI_SENSE_WRITE_ERROR && scsi_host_repeated(response, code))
		scst_nexus_owe_loss(cmd->nexus);
}

/* Only what is known to have come from the disk goes on: nothing after an error, except one that was mended. */
static void answer_check(struct scst_cmd *cmd, const struct disk_result *r, u32 moved)
{
	scsi_sense_code code = disk_sense_code(r->sense, r->sense_len), news;

	if (!code || (SCSI_SENSE_KEY(code) == KEY_RECOVERED && is_short_write(cmd, moved))) {
		scst_cmd_fail(cmd, SCSI_SENSE_INTERNAL_RETRIABLE);
		return;
	}
	scst_cmd_fail(cmd, code);
	if (SCSI_SENSE_KEY(code) == KEY_RECOVERED && cmd->info.dir == SCSI_DIR_FROM && cmd->info.op->id != SCSI_OP_ID_INQUIRY)
		cmd->resp_len = min(moved, cmd->data_len);
	news = scsi_host_news(r->sense[0], code, is_sync_cache(cmd));
	if (news) {
		spread_news(cmd, r->sense[0], code, news);
		/* What its nexus gets should it be aborted. */
		cmd->ua_pending = scsi_host_ua(news);
		cmd->sense.code = cmd->ua_pending ? scsi_host_ua(news) : code;
	}
	/* The request is over: its room in the scratch is free. */
	memcpy(cmd->scratch.bytes, r->sense, r->sense_len);
	cmd->raw_sense = r->sense_len;
}

/* First piece of the answer; what is looked at never reaches beyond. */
static u8 *answer_data(const struct scst_cmd *cmd)
{
	return page_address(cmd->buf.bv[0].bv_page) + cmd->buf.bv[0].bv_offset;
}

static u32 answer_inquiry(struct scst_cmd *cmd, u32 len)
{
	struct scst_tgt *tgt = cmd->sess->tgt;
	u64 port_max = (u64)tgt->drv->sg_tablesize << PAGE_SHIFT;
	u8 alua_state = READ_ONCE(cmd->nexus->alua_state);
	struct scsi_host_port port = {
		.rel_tgt_id = tgt->rel_tgt_id,
		.tpg_id = READ_ONCE(cmd->nexus->tpg_id),
		.grouped = rcu_access_pointer(cmd->dev->dg),
		.unavailable = alua_state == SCSI_ALUA_UNAVAILABLE || alua_state == SCSI_ALUA_OFFLINE,
		.max_xfer = port_max ? min_t(u64, port_max, SCST_MAX_XFER) : SCST_MAX_XFER,
		.block_size = 1U << cmd->dev->block_shift,
		.copies = tgt->forward_src,
	};

	return min_t(u64, scsi_host_inquiry(&port, cmd->cdb, answer_data(cmd), len, PAGE_SIZE), cmd->info.xfer_len);
}

/* PMI of READ CAPACITY asks for something else than the last block of all (SBC-2 5.10). */
static bool asks_capacity(const struct scst_cmd *cmd)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_READ_CAPACITY_10:
		return !(cmd->cdb[8] & 0x01);
	case SCSI_OP_ID_READ_CAPACITY_16:
		return !(cmd->cdb[14] & 0x01);
	default:
		return false;
	}
}

/* Blocks that an initiator may know of because it asked must not be refused by the core. */
static void learn_capacity(struct scst_cmd *cmd, const u8 *data, u32 len)
{
	bool is_long = cmd->info.op->id == SCSI_OP_ID_READ_CAPACITY_16;
	u64 blocks;
	u32 size;

	if (!asks_capacity(cmd) || len < (is_long ? 12 : 8) || !scsi_host_capacity(data, len, &blocks, &size))
		return;
	if (size == 1U << cmd->dev->block_shift && (is_long || blocks <= U32_MAX))
		WRITE_ONCE(cmd->dev->nblocks, blocks);
}

/* What is told as data counts as told, a LUN that refuses writes says so (SBC-3 6.4.1), and nobody sees protection information. */
static void look_at_data(struct scst_cmd *cmd, u32 len)
{
	bool read_only = READ_ONCE(cmd->nexus->read_only);
	u8 *data = answer_data(cmd);
	scsi_sense_code code, news;

	switch (cmd->info.op->id) {
	case SCSI_OP_ID_REQUEST_SENSE:
		code = disk_sense_code(data, len);
		news = code ? scsi_host_news(data[0], code, false) : 0;
		if (news)
			spread_news(cmd, data[0], code, news);
		break;
	case SCSI_OP_ID_READ_CAPACITY_10:
		learn_capacity(cmd, data, len);
		break;
	case SCSI_OP_ID_READ_CAPACITY_16:
		learn_capacity(cmd, data, len);
		if (len > 12)
			data[12] &= 0xf0;
		break;
	case SCSI_OP_ID_MODE_SENSE_6:
		if (read_only && len > 2)
			data[2] |= 0x80;
		break;
	case SCSI_OP_ID_MODE_SENSE_10:
		if (read_only && len > 3)
			data[3] |= 0x80;
		break;
	}
}

/* What one nexus has changed, the others hear of (SPC-4 5.14). */
static void look_at_command(struct scst_cmd *cmd)
{
	struct disk_dev *dd = to_disk(cmd->dev);

	switch (cmd->info.op->id) {
	case SCSI_OP_ID_MODE_SELECT_6:
	case SCSI_OP_ID_MODE_SELECT_10:
		disk_spread_ua(dd, SCSI_SENSE_UA_MODE_CHANGED, cmd->nexus);
		break;
	case SCSI_OP_ID_LOG_SELECT:
		disk_spread_ua(dd, SCSI_SENSE_UA_LOG_CHANGED, cmd->nexus);
		break;
	case SCSI_OP_ID_FORMAT_UNIT:
		queue_work(dd->dev.wq, &dd->refresh);
		break;
	case SCSI_OP_ID_PREVENT_ALLOW:
		WRITE_ONCE(dd->prevented, cmd->cdb[4] & 0x01);
		break;
	case SCSI_OP_ID_SYNC_CACHE_10:
	case SCSI_OP_ID_SYNC_CACHE_16:
		if (!(cmd->cdb[1] & 0x02))	/* IMMED: it has not flushed yet */
			scst_cmd_flushed(cmd);
		break;
	}
}

static void answer_good(struct scst_cmd *cmd, u32 moved)
{
	if (cmd->info.dir != SCSI_DIR_FROM) {
		if (is_short_write(cmd, moved))
			scst_cmd_fail(cmd, SCSI_SENSE_INTERNAL_RETRIABLE);
		else
			look_at_command(cmd);
		return;
	}
	if (cmd->info.op->id == SCSI_OP_ID_INQUIRY)
		moved = answer_inquiry(cmd, moved);
	else if (cmd->buf.nr)
		look_at_data(cmd, moved);
	cmd->want_len = moved;
	cmd->resp_len = min(moved, cmd->data_len);
}

/* An earlier piece had trouble that the disk has mended. */
static void answer_mended(struct scst_cmd *cmd, scsi_sense_code code)
{
	u32 len = cmd->resp_len;

	scst_cmd_fail(cmd, code);
	cmd->resp_len = len;
}

void disk_finish(struct scst_cmd *cmd, const struct disk_result *r)
{
	struct disk_io *io = disk_io(cmd);
	u32 moved = io->pos + io->len - min(r->resid, io->len);

	if (unlikely(r->host))
		answer_host_error(cmd, r->host);
	else if (likely(r->status == SCSI_GOOD))
		answer_good(cmd, moved);
	else if (r->status == SCSI_CHECK_CONDITION)
		answer_check(cmd, r, moved);
	else
		cmd->status = r->status;
	if (unlikely(io->mended) && cmd->status == SCSI_GOOD)
		answer_mended(cmd, io->mended);
	if (unlikely(cmd->status != SCSI_GOOD) && cmd->info.op->id == SCSI_OP_ID_PREVENT_ALLOW)
		WRITE_ONCE(cmd->nexus->prevent, false);
	scst_cmd_done(cmd);
}

/* ------------------------------------------------------------------- reset */

/* Nobody prevents removal after a reset (SPC-4 6.13). The disk itself cannot be reset from here without all who share its bus. */
void disk_reset(struct scst_dev *dev)
{
	static const u8 allow[6] = { SCSI_OP_PREVENT_ALLOW };
	struct disk_dev *dd = to_disk(dev);
	struct scst_nexus *nexus;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		WRITE_ONCE(nexus->prevent, false);
	rcu_read_unlock();
	if (!READ_ONCE(dd->prevented))
		return;
	WRITE_ONCE(dd->prevented, false);
	disk_ask(dd, allow, NULL, 0);
}
