// SPDX-License-Identifier: GPL-2.0
/*
 * The one table of commands of all virtual disks, and the short commands themselves.
 */
#include <linux/slab.h>

#include "vdisk.h"
#include "../pure/alua.h"

/* How a function of the table runs. */
enum vdisk_how {
	VDISK_INLINE,	/* does not block; completed after it */
	VDISK_WORKER,	/* in the device's workqueue; completed after it */
	VDISK_ASYNC,	/* completes the command itself */
};

/* Which devices have the command. */
#define VDISK_IF_THIN		0x01
#define VDISK_IF_REMOVABLE	0x02
#define VDISK_ROM		0x04	/* CD-ROM drives, too */
#define VDISK_NOT_DISK		0x08
#define VDISK_IF_TYPE_2		0x10	/* of protection information */
#define VDISK_IF_ATOMIC		0x20

struct vdisk_cmd {
	void (*fn)(struct scst_cmd *cmd);
	u8 how;
	u8 only;
};

/* --------------------------------------------------------------- helpers */

bool vdisk_is_writer(const struct scst_cmd *cmd)
{
	if (!(cmd->info.op->flags & SCSI_OPF_WRITE_MEDIUM))
		return false;
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_COMPARE_AND_WRITE:
	case SCSI_OP_ID_ORWRITE_16:
	case SCSI_OP_ID_WRITE_ATOMIC_16:
	case SCSI_OP_ID_FORMAT_UNIT:
	case SCSI_OP_ID_SANITIZE_OVERWRITE:
	case SCSI_OP_ID_SANITIZE_BLOCK_ERASE:
		return false;
	}
	return true;
}

void vdisk_done(struct scst_cmd *cmd)
{
	if (vdisk_is_writer(cmd))
		vdisk_write_leave(cmd_vdisk(cmd), cmd);
	scst_cmd_done(cmd);
}

static void vdisk_work(struct work_struct *work)
{
	struct vdisk_io *io = container_of(work, struct vdisk_io, work);
	struct scst_cmd *cmd = vdisk_io_cmd(io);
	struct vdisk_io_context c = vdisk_io_begin();

	if (!scst_cmd_aborted(cmd))
		io->fn(cmd);
	vdisk_io_end(c);
	vdisk_done(cmd);
}

void vdisk_defer(struct scst_cmd *cmd, void (*fn)(struct scst_cmd *cmd))
{
	struct vdisk_io *io = vdisk_io(cmd);

	io->fn = fn;
	INIT_WORK(&io->work, vdisk_work);
	queue_work(cmd->dev->wq, &io->work);
}

void vdisk_fail_write(struct scst_cmd *cmd, int err)
{
	if (err == -ENOMEM || err == -ENOSPC || err == -EDQUOT)
		scst_cmd_fail_errno(cmd, err == -EDQUOT ? -ENOSPC : err);
	else
		scst_cmd_fail(cmd, vdisk_only_flushes(cmd) ? SCSI_SENSE_FLUSH_FAILED : SCSI_SENSE_WRITE_ERROR);
}

void vdisk_flush_cmd(struct scst_cmd *cmd)
{
	u64 len = (u64)cmd->info.blocks << cmd->dev->block_shift;
	int err = vdisk_flush(cmd_vdisk(cmd), vdisk_cmd_pos(cmd), len, cmd);

	if (err)
		vdisk_fail_write(cmd, err);
	if (vdisk_only_flushes(cmd))
		scst_cmd_flushed(cmd);
}

/* ------------------------------------------------------------ READ and WRITE */

void vdisk_count(struct scst_cmd *cmd, bool write)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	this_cpu_inc(vd->stats->cmds[write]);
	this_cpu_add(vd->stats->blocks[write], cmd->info.blocks);
}

static void vdisk_read(struct scst_cmd *cmd)
{
	struct vdisk_io *io = vdisk_io(cmd);

	vdisk_count(cmd, false);
	io->len = cmd->data_len;
	io->done = 0;
	if (io->len)
		cmd_vdisk(cmd)->ops->read(cmd);
	else
		vdisk_done(cmd);
}

static void vdisk_write(struct scst_cmd *cmd)
{
	struct vdisk_io *io = vdisk_io(cmd);

	io->len = vdisk_write_len(cmd);
	io->done = 0;
	io->stable = false;
	if (unlikely(cmd->share)) {
		vdisk_defer(cmd, vdisk_share);
		return;
	}
	vdisk_count(cmd, true);
	if (io->len)
		cmd_vdisk(cmd)->ops->write(cmd);
	else
		vdisk_done(cmd);
}

static void vdisk_sync_cache(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (vd->nv_cache) {
		vdisk_done(cmd);
	} else if (cmd->cdb[1] & 0x02) {	/* IMMED */
		queue_work(vd->dev.wq, &vd->flush_work);
		vdisk_done(cmd);
	} else if (unlikely(vdisk_has_pi(vd))) {
		vdisk_defer(cmd, vdisk_flush_cmd);
	} else {
		vd->ops->sync(cmd);
	}
}

/* -------------------------------------------------------------- descriptions */

static void vdisk_good(struct scst_cmd *cmd)
{
}

/* What names the logical unit; strings as below. */
static void vdisk_fill_lu_ids(struct vdisk_dev *vd, struct scsi_inquiry_data *d)
{
	lockdep_assert_held(&vd->id_lock);
	d->t10_vendor = vd->str[VDISK_STR_T10_VEND_ID];
	d->vend_specific_id = vd->str[VDISK_STR_VEND_SPECIFIC_ID];
	d->t10_dev_id = vd->str[VDISK_STR_T10_DEV_ID];
	d->eui64_len = vd->eui64_len;
	d->naa_len = vd->naa_len;
	memcpy(d->eui64, vd->eui64, sizeof(d->eui64));
	memcpy(d->naa, vd->naa, sizeof(d->naa));
}

/* Strings stay ours: the caller holds vd->id_lock until the answer is composed. */
static void vdisk_fill_inquiry(struct vdisk_dev *vd, struct scst_cmd *cmd, struct scsi_inquiry_data *d)
{
	struct scst_tgt *tgt = cmd->sess->tgt;
	u8 alua_state = READ_ONCE(cmd->nexus->alua_state);
	u64 port_max = (u64)tgt->drv->sg_tablesize << PAGE_SHIFT;

	lockdep_assert_held(&vd->id_lock);
	*d = (struct scsi_inquiry_data) {
		.type = vd->type,
		.dummy = vd->dummy,
		.port_unavailable = alua_state == SCSI_ALUA_UNAVAILABLE || alua_state == SCSI_ALUA_OFFLINE,
		.tpgs = (rcu_access_pointer(vd->dev.dg) ? 0x01 : 0) | (READ_ONCE(vd->dev.expl_alua) ? 0x02 : 0),
		.removable = vd->removable,
		.rotational = vd->rotational,
		.thin = vd->thin,
		.third_party_copy = !vdisk_is_rom(vd),
		.third_party_page = !vdisk_is_rom(vd),
		.volatile_cache = !vd->nv_cache && !READ_ONCE(vd->write_through),
		.product = vd->str[VDISK_STR_PROD_ID],
		.revision = vd->str[VDISK_STR_PROD_REV_LVL],
		.vendor_bytes = vd->str[VDISK_STR_INQ_VEND_SPECIFIC],
		.serial = vd->str[VDISK_STR_USN],
		.scsi_device_name = vd->str[VDISK_STR_SCSI_DEVICE_NAME],
		.rel_tgt_id = tgt->rel_tgt_id,
		.tpg_id = READ_ONCE(cmd->nexus->tpg_id),
		.phys_transport = tgt->drv->phys_version,
		.scsi_transport = tgt->drv->transport_version,
		.block_size = vdisk_block_size(vd),
		.granularity = PAGE_SIZE,
		.max_xfer = port_max ? min_t(u64, port_max, vdisk_max_xfer(vd)) : vdisk_max_xfer(vd),
		.dif_type = vd->dev.dif_type,
		.dif_guard = vdisk_has_pi(vd),
		.opt_xfer = vd->opt_trans_len,
		.max_caw_blocks = 255,
		.max_write_same = VDISK_MAX_SAME,
		.max_atomic = vd->max_atomic,
		.aw_alignment = vd->atomic_alignment,
		.aw_granularity = vd->atomic_granularity,
		.max_unmap_blocks = vd->max_unmap_blocks,
		.unmap_granularity = vd->unmap_granularity,
		.unmap_alignment = vd->unmap_alignment,
		.unmap_alignment_valid = vd->unmap_alignment_valid,
	};
	if (vdisk_has_pi(vd)) {
		d->dif_app = scsi_dif_app_chk(&vd->pi.conf);
		d->dif_ref = scsi_dif_ref_chk(&vd->pi.conf);
	}
	vdisk_fill_lu_ids(vd, d);
}

unsigned int vdisk_designators(struct scst_dev *dev, u8 *buf, unsigned int size)
{
	struct vdisk_dev *vd = to_vdisk(dev);
	struct scsi_inquiry_data d = { };
	unsigned int len;

	mutex_lock(&vd->id_lock);
	vdisk_fill_lu_ids(vd, &d);
	len = scsi_lu_designators(&d, buf, size);
	mutex_unlock(&vd->id_lock);
	return min(len, size);
}

static void vdisk_inquiry(struct scst_cmd *cmd)
{
	const unsigned int size = 1024;
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct scsi_inquiry_data d;
	u8 *buf = scst_alloc_mem(size);
	int len;

	if (!buf) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	mutex_lock(&vd->id_lock);
	vdisk_fill_inquiry(vd, cmd, &d);
	len = scsi_inquiry_build(&d, cmd->cdb, buf, size, &cmd->sense);
	mutex_unlock(&vd->id_lock);
	if (len < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		scst_cmd_reply(cmd, buf, min_t(unsigned int, len, size));
	kvfree(buf);
}

static void vdisk_read_capacity(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u32 phys = max(READ_ONCE(vd->phys_block), vdisk_block_size(vd));
	struct scsi_capacity c = {
		.blocks = READ_ONCE(vd->dev.nblocks),
		.block_size = vdisk_block_size(vd),
		.phys_exponent = vd->lb_per_pb_exp ? ilog2(phys) - vd->dev.block_shift : 0,
		.lowest_aligned = vd->lb_per_pb_exp ? vd->lowest_aligned : 0,
		.thin = vd->thin,
		.dif_type = vd->dev.dif_type,
	};
	u8 buf[32];
	unsigned int len;

	if (!c.blocks) {	/* never opened yet: nothing is known */
		scst_cmd_fail(cmd, SCSI_SENSE_NO_MEDIUM);
		return;
	}
	if (cmd->info.op->id == SCSI_OP_ID_READ_CAPACITY_10)
		len = scsi_read_capacity_10(&c, buf, sizeof(buf));
	else
		len = scsi_read_capacity_16(&c, buf, sizeof(buf));
	scst_cmd_reply(cmd, buf, len);
}

/* -------------------------------------------------------------- the medium */

static void vdisk_prevent_allow(struct scst_cmd *cmd)
{
	WRITE_ONCE(cmd->nexus->prevent, cmd->cdb[4] & 0x01);
}

/* Each nexus prevents for itself (SPC-4 6.13), and no longer than it lives. */
bool vdisk_removal_prevented(struct vdisk_dev *vd)
{
	struct scst_nexus *nexus;
	bool prevented = false;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &vd->dev.nexuses, dev_link)
		if (READ_ONCE(nexus->prevent) && !READ_ONCE(nexus->dead))
			prevented = true;
	rcu_read_unlock();
	return prevented;
}

/* LOEJ=1: load or eject a removable medium (SBC-4 5.31). False: refused. */
static bool vdisk_load_eject(struct scst_cmd *cmd, bool start)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (!vd->removable)
		return true;
	/* To load takes nothing out, but of a disk libiscsi's suite wants either refused. */
	if (!(start && vdisk_is_rom(vd)) && vdisk_removal_prevented(vd)) {
		scst_cmd_fail(cmd, SCSI_SENSE_REMOVAL_PREVENTED);
		return false;
	}
	if (!start)
		set_bit(VDISK_EJECTED, &vd->state);
	else if (test_and_clear_bit(VDISK_EJECTED, &vd->state) && vdisk_is_rom(vd))
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_MEDIUM_CHANGED, cmd->nexus);
	return true;
}

static void vdisk_start_stop(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u8 power = cmd->cdb[4] >> 4;
	bool no_flush = cmd->cdb[4] & 0x04, loej = cmd->cdb[4] & 0x02, start = cmd->cdb[4] & 0x01;

	if ((power || !start) && !no_flush && !test_bit(VDISK_CLOSED, &vd->state))
		vdisk_flush_cmd(cmd);
	if (cmd->status != SCSI_GOOD)
		return;
	if (power)	/* START and LOEJ mean nothing then; a virtual disk has no power conditions */
		return;
	if (start && test_bit(VDISK_CLOSED, &vd->state)) {	/* a drive without a medium */
		scst_cmd_fail(cmd, SCSI_SENSE_NO_MEDIUM);
		return;
	}
	if (loej && !vdisk_load_eject(cmd, start))
		return;
	if (start)
		clear_bit(VDISK_STOPPED, &vd->state);
	else if (!loej || !vd->removable)
		set_bit(VDISK_STOPPED, &vd->state);
}

/* ----------------------------------------------------------------- dispatch */

static const struct vdisk_cmd vdisk_cmds[SCSI_OP_ID_MAX] = {
	[SCSI_OP_ID_TEST_UNIT_READY]	= { vdisk_good, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_INQUIRY]		= { vdisk_inquiry, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_READ_CAPACITY_10]	= { vdisk_read_capacity, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_READ_CAPACITY_16]	= { vdisk_read_capacity, VDISK_INLINE },
	[SCSI_OP_ID_READ_6]		= { vdisk_read, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_READ_10]		= { vdisk_read, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_READ_12]		= { vdisk_read, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_READ_16]		= { vdisk_read, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_WRITE_6]		= { vdisk_write, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_WRITE_10]		= { vdisk_write, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_WRITE_12]		= { vdisk_write, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_WRITE_16]		= { vdisk_write, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_WRITE_VERIFY_10]	= { vdisk_write_verify, VDISK_WORKER },
	[SCSI_OP_ID_WRITE_VERIFY_12]	= { vdisk_write_verify, VDISK_WORKER },
	[SCSI_OP_ID_WRITE_VERIFY_16]	= { vdisk_write_verify, VDISK_WORKER },
	[SCSI_OP_ID_VERIFY_10]		= { vdisk_verify, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_VERIFY_12]		= { vdisk_verify, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_VERIFY_16]		= { vdisk_verify, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_SYNC_CACHE_10]	= { vdisk_sync_cache, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_SYNC_CACHE_16]	= { vdisk_sync_cache, VDISK_ASYNC, VDISK_ROM },
	[SCSI_OP_ID_MODE_SENSE_6]	= { vdisk_mode_sense, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_MODE_SENSE_10]	= { vdisk_mode_sense, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_MODE_SELECT_6]	= { vdisk_mode_select, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_MODE_SELECT_10]	= { vdisk_mode_select, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_START_STOP_UNIT]	= { vdisk_start_stop, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_PREVENT_ALLOW]	= { vdisk_prevent_allow, VDISK_INLINE, VDISK_IF_REMOVABLE | VDISK_ROM },
	[SCSI_OP_ID_READ_TOC]		= { vdisk_read_toc, VDISK_INLINE, VDISK_ROM | VDISK_NOT_DISK },
	[SCSI_OP_ID_REQUEST_SENSE]	= { vdisk_request_sense, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_FORMAT_UNIT]	= { vdisk_format, VDISK_ASYNC },
	[SCSI_OP_ID_SANITIZE_OVERWRITE]	= { vdisk_sanitize, VDISK_ASYNC },
	[SCSI_OP_ID_SANITIZE_BLOCK_ERASE] = { vdisk_sanitize, VDISK_ASYNC, VDISK_IF_THIN },
	[SCSI_OP_ID_SANITIZE_EXIT_FAILURE] = { vdisk_sanitize_exit, VDISK_WORKER },
	[SCSI_OP_ID_SEND_DIAGNOSTIC]	= { vdisk_send_diagnostic, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_RECEIVE_DIAGNOSTIC]	= { vdisk_receive_diagnostic, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_LOG_SENSE]		= { vdisk_log_sense, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_LOG_SELECT]		= { vdisk_log_select, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_WRITE_BUFFER]	= { vdisk_write_buffer, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_READ_BUFFER]	= { vdisk_read_buffer, VDISK_WORKER, VDISK_ROM },
	[SCSI_OP_ID_READ_DEFECT_DATA_10] = { vdisk_read_defect_data, VDISK_INLINE },
	[SCSI_OP_ID_READ_DEFECT_DATA_12] = { vdisk_read_defect_data, VDISK_INLINE },
	[SCSI_OP_ID_REPORT_IDENTIFYING_INFO] = { vdisk_report_identifying_info, VDISK_INLINE, VDISK_ROM },
	[SCSI_OP_ID_PREFETCH_10]	= { vdisk_prefetch, VDISK_WORKER },
	[SCSI_OP_ID_PREFETCH_16]	= { vdisk_prefetch, VDISK_WORKER },
	[SCSI_OP_ID_ORWRITE_16]		= { vdisk_orwrite, VDISK_ASYNC },
	[SCSI_OP_ID_WRITE_ATOMIC_16]	= { vdisk_write_atomic, VDISK_ASYNC, VDISK_IF_ATOMIC },
	[SCSI_OP_ID_WRITE_SAME_10]	= { vdisk_write_same, VDISK_WORKER },
	[SCSI_OP_ID_WRITE_SAME_16]	= { vdisk_write_same, VDISK_WORKER },
	[SCSI_OP_ID_READ_32]		= { vdisk_read, VDISK_ASYNC, VDISK_IF_TYPE_2 },
	[SCSI_OP_ID_WRITE_32]		= { vdisk_write, VDISK_ASYNC, VDISK_IF_TYPE_2 },
	[SCSI_OP_ID_VERIFY_32]		= { vdisk_verify, VDISK_WORKER, VDISK_IF_TYPE_2 },
	[SCSI_OP_ID_WRITE_VERIFY_32]	= { vdisk_write_verify, VDISK_WORKER, VDISK_IF_TYPE_2 },
	[SCSI_OP_ID_WRITE_SAME_32]	= { vdisk_write_same, VDISK_WORKER, VDISK_IF_TYPE_2 },
	[SCSI_OP_ID_COMPARE_AND_WRITE]	= { vdisk_caw, VDISK_ASYNC },
	[SCSI_OP_ID_UNMAP]		= { vdisk_unmap, VDISK_WORKER, VDISK_IF_THIN },
	[SCSI_OP_ID_GET_LBA_STATUS]	= { vdisk_get_lba_status, VDISK_WORKER },
};

bool vdisk_supports(struct scst_dev *dev, unsigned int op_id)
{
	struct vdisk_dev *vd = to_vdisk(dev);
	const struct vdisk_cmd *c;

	if (op_id >= SCSI_OP_ID_MAX)
		return false;
	if (op_id == SCSI_OP_ID_REQUEST_SENSE)	/* else the core answers it */
		return READ_ONCE(vd->state) & VDISK_ERASE_STATES;
	c = &vdisk_cmds[op_id];
	if (!c->fn || !(vdisk_is_rom(vd) ? c->only & VDISK_ROM : !(c->only & VDISK_NOT_DISK)))
		return false;
	if ((c->only & VDISK_IF_TYPE_2) && vd->dev.dif_type != 2)
		return false;
	if ((c->only & VDISK_IF_ATOMIC) && !READ_ONCE(vd->max_atomic))
		return false;
	return (!(c->only & VDISK_IF_THIN) || vd->thin) && (!(c->only & VDISK_IF_REMOVABLE) || vd->removable);
}

/* Commands about the device rather than its medium; they work whatever has happened to the medium. */
static bool vdisk_needs_no_medium(const struct scst_cmd *cmd, unsigned long state)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_START_STOP_UNIT:
	case SCSI_OP_ID_PREVENT_ALLOW:
		return !(state & BIT(VDISK_CLOSED)) || vdisk_is_rom(cmd_vdisk(cmd));
	case SCSI_OP_ID_TEST_UNIT_READY:
	case SCSI_OP_ID_READ_CAPACITY_10:
	case SCSI_OP_ID_READ_CAPACITY_16:
		return !(state & BIT(VDISK_EJECTED));
	}
	return cmd->info.op->flags & SCSI_OPF_WHEN_CLOSED;
}

/* False: refused. The state and the size cannot change while a command executes, except by another command. */
static bool vdisk_may_run(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	unsigned long state = READ_ONCE(vd->state);
	u32 flags = cmd->info.op->flags;

	if (unlikely(state & VDISK_ERASE_STATES) && !vdisk_erase_admits(vd, cmd))
		return false;
	state &= ~VDISK_ERASE_STATES;
	if (unlikely(state)) {
		if ((state & BIT(VDISK_STOPPED)) && !(state & ~BIT(VDISK_STOPPED)) &&
		    ((flags & SCSI_OPF_MEDIUM_ACCESS) || cmd->info.op->id == SCSI_OP_ID_TEST_UNIT_READY)) {
			scst_cmd_fail(cmd, SCSI_SENSE_NOT_READY_STOPPED);
			return false;
		}
		if ((state & ~BIT(VDISK_STOPPED)) && !vdisk_needs_no_medium(cmd, state)) {
			scst_cmd_fail(cmd, SCSI_SENSE_NO_MEDIUM);
			return false;
		}
	}
	if (unlikely(vdisk_is_rom(vd)) && !vdisk_knows_medium(vd, cmd))
		return false;
	if (flags & SCSI_OPF_LBA) {	/* again: it may have waited while the device shrank */
		u64 nblocks = READ_ONCE(vd->dev.nblocks);

		if (unlikely(cmd->info.lba > nblocks || cmd->info.blocks > nblocks - cmd->info.lba)) {
			scst_cmd_fail(cmd, SCSI_SENSE_LBA_OUT_OF_RANGE);
			return false;
		}
	}
	return true;
}

void vdisk_run(struct scst_cmd *cmd)
{
	const struct vdisk_cmd *c = &vdisk_cmds[cmd->info.op->id];

	if (cmd->info.dir != SCSI_DIR_FROM)
		vdisk_note_errors(cmd_vdisk(cmd), &vdisk_io(cmd)->before);
	if (vdisk_is_writer(cmd)) {
		if (!vdisk_write_enter(cmd_vdisk(cmd), cmd))
			return;
		/* Again, now that vdisk_erase_work() would wait for this one. */
		if (unlikely(READ_ONCE(cmd_vdisk(cmd)->state) & VDISK_ERASE_STATES) &&
		    !vdisk_erase_admits(cmd_vdisk(cmd), cmd)) {
			vdisk_done(cmd);
			return;
		}
	}
	if (unlikely(vdisk_has_pi(cmd_vdisk(cmd))) && vdisk_pi_run(cmd))
		return;
	if (c->how == VDISK_ASYNC) {
		c->fn(cmd);
	} else if (c->how == VDISK_WORKER) {
		vdisk_defer(cmd, c->fn);
	} else {
		c->fn(cmd);
		vdisk_done(cmd);
	}
}

static void vdisk_exec(struct scst_cmd *cmd)
{
	if (likely(vdisk_may_run(cmd_vdisk(cmd), cmd)))
		vdisk_run(cmd);
	else
		scst_cmd_done(cmd);
}

/* False: refused. The limit is lower than without tags, and the same whether they come along or not. */
static bool vdisk_pi_admit(struct scst_cmd *cmd)
{
	u32 flags = cmd->info.op->flags;

	if (!(flags & SCSI_OPF_LBA))
		return true;
	if (scsi_dif_admit(&cmd->info, cmd->dev->dif_type, &cmd->sense)) {
		cmd->status = SCSI_CHECK_CONDITION;
		return false;
	}
	if ((flags & SCSI_OPF_MAX_XFER) && cmd->info.blocks > vdisk_max_xfer(cmd_vdisk(cmd)) >> cmd->dev->block_shift) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		return false;
	}
	return true;
}

/* The limit that VPD page B0h tells is one for blocks that are read and compared, too (SBC-4 6.6.4). */
static bool vdisk_too_long(const struct scst_cmd *cmd)
{
	return (cmd->info.op->flags & SCSI_OPF_MAX_XFER) && cmd->info.blocks > SCST_MAX_XFER >> cmd->dev->block_shift;
}

bool vdisk_parse(struct scst_cmd *cmd)
{
	if (cmd->info.op->id != SCSI_OP_ID_REQUEST_SENSE && !vdisk_supports(cmd->dev, cmd->info.op->id)) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
		return false;
	}
	if ((cmd->info.op->flags & SCSI_OPF_LBA) && unlikely(!READ_ONCE(cmd->dev->nblocks))) {
		scst_cmd_fail(cmd, SCSI_SENSE_NO_MEDIUM);	/* before its range is looked at */
		return false;
	}
	if (unlikely(vdisk_has_pi(cmd_vdisk(cmd))) && !vdisk_pi_admit(cmd))
		return false;
	if (unlikely(vdisk_too_long(cmd))) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		return false;
	}
	if (unlikely(vdisk_is_rom(cmd_vdisk(cmd))))
		vdisk_note_medium(cmd_vdisk(cmd), cmd);
	cmd->exec = vdisk_exec;
	return true;
}
