// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the disk: a command is sent as it is, from the submitting context and without a thread, over its own table of
 * pages; READ and WRITE that are longer than the host's adapter can do are sent piece by piece.
 *
 * The disk's queue may be full: then the device's workqueue, which has one worker, waits for room. Completions need no worker,
 * so it always gets some.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "disk.h"

#define ASK_TIMEOUT	(30 * HZ)
#define MIN_TIMEOUT	60U		/* seconds: the disk has the last word, not we */
#define LONG_TIMEOUT	7200U		/* FORMAT UNIT and commands that nobody knows */

static unsigned int max_request_kb;
module_param(max_request_kb, uint, 0644);
MODULE_PARM_DESC(max_request_kb, "longer READs and WRITEs go to a disk in pieces of so many KiB, 64 at least (0: as its adapter can)");

/* ------------------------------------------------------------------- pieces */

/* The most that the host's adapter takes at once. */
struct limits {
	u32 bytes;
	u32 segments;
	u32 segment_size;
};

static struct limits adapter_limits(const struct request_queue *q)
{
	u64 boundary = (u64)queue_segment_boundary(q) + 1;
	u32 kb = READ_ONCE(max_request_kb), most = SCST_MAX_XFER;

	if (kb && kb < most >> 10)
		most = max(kb, 64U) << 10;
	return (struct limits){
		.bytes = min_t(u64, (u64)queue_max_hw_sectors(q) << SECTOR_SHIFT, most),
		.segments = queue_max_segments(q),
		.segment_size = min_t(u64, boundary ? boundary : U32_MAX, queue_max_segment_size(q)),
	};
}

/* Where the byte at @pos of the buffer is. */
static struct bvec_iter iter_at(const struct scst_buf *buf, u32 pos)
{
	struct bvec_iter it = { 0 };

	while (it.bi_idx < buf->nr && pos >= buf->bv[it.bi_idx].bv_len)
		pos -= buf->bv[it.bi_idx++].bv_len;
	it.bi_bvec_done = pos;
	return it;
}

/* Chooses io->len and io->segments for the request that begins at io->pos. Segments are counted so that they suffice. */
static void choose_piece(struct disk_dev *dd, const struct scst_buf *buf, struct disk_io *io)
{
	struct limits max = adapter_limits(dd->sdev->request_queue);
	u32 left = min(io->total - io->pos, max.bytes), len = 0, n, segments = 0, more;
	struct bvec_iter it = iter_at(buf, io->pos);
	const struct bio_vec *bv;

	for (; len < left && it.bi_idx < buf->nr; it.bi_idx++, it.bi_bvec_done = 0) {
		bv = &buf->bv[it.bi_idx];
		n = min(bv->bv_len - it.bi_bvec_done, left - len);
		/* One more when it may lie across a boundary. */
		more = DIV_ROUND_UP(n, max.segment_size) + (n > 1 && max.segment_size < SZ_64K);
		if (segments + more > max.segments)
			break;
		segments += more;
		len += n;
	}
	io->len = len == io->total - io->pos ? len : round_down(len, 1U << dd->dev.block_shift);
	io->segments = segments;
}

static void prepare_cdb(struct scst_cmd *cmd, struct disk_io *io)
{
	unsigned int shift = cmd->dev->block_shift;

	if (io->divisible)
		scsi_host_set_range(io->cdb, io->cdb_len, cmd->info.lba + (io->pos >> shift), io->len >> shift);
}

/* ------------------------------------------------------------------ requests */

static void fill_request(struct request *rq, const u8 *cdb, unsigned int cdb_len, unsigned int timeout)
{
	struct scsi_cmnd *scmd = blk_mq_rq_to_pdu(rq);

	scmd->cmd_len = cdb_len;
	memcpy(scmd->cmnd, cdb, cdb_len);
	scmd->allowed = 0;	/* the initiator repeats what it wants repeated */
	scmd->result = 0;
	scmd->resid_len = 0;
	scmd->sense_len = 0;
	rq->timeout = timeout;
	rq->rq_flags |= RQF_QUIET;
}

static unsigned int cmd_timeout(const struct scst_cmd *cmd)
{
	if (cmd->info.op->id == SCSI_OP_ID_NONE || cmd->info.op->id == SCSI_OP_ID_FORMAT_UNIT)
		return LONG_TIMEOUT * HZ;
	return max(2U * cmd->info.op->timeout, MIN_TIMEOUT) * HZ;
}

static void collect(struct request *rq, blk_status_t error, struct disk_result *r)
{
	struct scsi_cmnd *scmd = blk_mq_rq_to_pdu(rq);

	r->host = get_host_byte(scmd);
	r->status = get_status_byte(scmd);
	r->resid = scmd->resid_len;
	r->sense_len = 0;
	/* It never came to the disk. */
	if (error && !scmd->result)
		r->host = DID_NO_CONNECT;
	if (r->status != SCSI_CHECK_CONDITION || !scmd->sense_buffer)
		return;
	r->sense_len = min_t(unsigned int, 8 + scmd->sense_buffer[7], sizeof(r->sense));
	memcpy(r->sense, scmd->sense_buffer, r->sense_len);
}

/* It has done what it was asked for, maybe with some trouble that is told in the end. */
static bool piece_is_good(struct disk_io *io, const struct disk_result *r)
{
	scsi_sense_code code;

	if (r->host || r->resid)
		return false;
	if (r->status == SCSI_GOOD)
		return true;
	code = r->status == SCSI_CHECK_CONDITION ? disk_sense_code(r->sense, r->sense_len) : 0;
	if (SCSI_SENSE_KEY(code) != KEY_RECOVERED || (r->sense[0] & 0x01))	/* 71h, 73h: of an earlier command */
		return false;
	io->mended = code;
	return true;
}

static void next_piece(struct work_struct *work);

static enum rq_end_io_ret piece_ended(struct request *rq, blk_status_t error)
{
	struct scst_cmd *cmd = rq->end_io_data;
	struct disk_io *io = disk_io(cmd);
	struct disk_result r;

	collect(rq, error, &r);
	blk_mq_free_request(rq);
	bio_uninit(&io->bio);
	if (io->len && io->pos + io->len < io->total && piece_is_good(io, &r)) {
		io->pos += io->len;
		INIT_WORK(&io->work, next_piece);
		queue_work(cmd->dev->wq, &io->work);
	} else {
		disk_finish(cmd, &r);
	}
	return RQ_END_IO_NONE;
}

/* The bio walks the command's table as it is: nobody changes the table of a bio. */
static int map_data(struct scst_cmd *cmd, struct request *rq)
{
	struct disk_io *io = disk_io(cmd);
	int err;

	bio_init(&io->bio, NULL, cmd->buf.bv, cmd->buf.nr, rq->cmd_flags);
	if (!io->len)
		return 0;
	io->bio.bi_vcnt = cmd->buf.nr;
	io->bio.bi_iter = iter_at(&cmd->buf, io->pos);
	io->bio.bi_iter.bi_size = io->len;
	err = blk_rq_append_bio(rq, &io->bio);
	if (err)
		return err;
	rq->nr_phys_segments = max_t(unsigned int, rq->nr_phys_segments, io->segments);
	return 0;
}

static void fail_no_disk(struct scst_cmd *cmd)
{
	struct disk_result r = { .host = DID_NO_CONNECT };

	disk_finish(cmd, &r);
}

/* False: there is no room now, and the caller did not want to wait. Else the command is no longer the caller's. */
static bool send_piece(struct scst_cmd *cmd, blk_mq_req_flags_t flags)
{
	struct disk_dev *dd = to_disk(cmd->dev);
	struct disk_io *io = disk_io(cmd);
	blk_opf_t opf = cmd->info.dir == SCSI_DIR_TO ? REQ_OP_DRV_OUT : REQ_OP_DRV_IN;
	struct request *rq = scsi_alloc_request(dd->sdev->request_queue, opf, flags);

	if (IS_ERR(rq)) {
		if (flags && PTR_ERR(rq) != -ENODEV)
			return false;
		fail_no_disk(cmd);
		return true;
	}
	choose_piece(dd, &cmd->buf, io);
	prepare_cdb(cmd, io);
	fill_request(rq, io->cdb, io->cdb_len, cmd_timeout(cmd));
	if ((io->pos + io->len < io->total && (!io->divisible || !io->len)) || map_data(cmd, rq)) {
		blk_mq_free_request(rq);
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB);	/* longer than the adapter can do */
		scst_cmd_done(cmd);
		return true;
	}
	rq->end_io_data = cmd;
	rq->end_io = piece_ended;
	blk_execute_rq_nowait(rq, false);
	return true;
}

static void next_piece(struct work_struct *work)
{
	struct disk_io *io = container_of(work, struct disk_io, work);
	struct scst_cmd *cmd = container_of((u8 *)io, struct scst_cmd, scratch.bytes[0]);

	if (scst_cmd_aborted(cmd))
		scst_cmd_done(cmd);
	else
		send_piece(cmd, 0);
}

void disk_start(struct scst_cmd *cmd)
{
	struct disk_io *io = disk_io(cmd);

	io->pos = 0;
	io->len = 0;
	io->mended = 0;
	if (send_piece(cmd, BLK_MQ_REQ_NOWAIT))
		return;
	INIT_WORK(&io->work, next_piece);
	queue_work(cmd->dev->wq, &io->work);
}

/* ------------------------------------------------------- our own questions */

static int ask_result(struct request *rq, blk_status_t error, unsigned int len, scsi_sense_code *ua)
{
	struct disk_result r;

	collect(rq, error, &r);
	*ua = disk_sense_code(r.sense, r.sense_len);
	if (*ua)
		*ua = scsi_host_news(r.sense[0], *ua, false);
	if (*ua)
		return -EAGAIN;
	if (r.host || r.status != SCSI_GOOD)
		return -EIO;
	return len - min(r.resid, len);
}

int disk_ask_sdev(struct scsi_device *sdev, const u8 *cdb, void *buf, unsigned int len, scsi_sense_code *ua)
{
	struct request *rq = scsi_alloc_request(sdev->request_queue, REQ_OP_DRV_IN, 0);
	int ret = 0;

	*ua = 0;
	if (IS_ERR(rq))
		return PTR_ERR(rq);
	fill_request(rq, cdb, COMMAND_SIZE(cdb[0]), ASK_TIMEOUT);
	if (len) {
		memset(buf, 0, len);
		ret = blk_rq_map_kern(sdev->request_queue, rq, buf, len, GFP_NOIO);
	}
	if (!ret)
		ret = ask_result(rq, blk_execute_rq(rq, false), len, ua);
	blk_mq_free_request(rq);
	return ret;
}

int disk_ask(struct disk_dev *dd, const u8 *cdb, void *buf, unsigned int len)
{
	scsi_sense_code ua;
	int ret = disk_ask_sdev(dd->sdev, cdb, buf, len, &ua);

	if (ret == -EAGAIN)
		disk_spread_ua(dd, ua, NULL);
	return ret;
}
