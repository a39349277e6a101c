/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two files of commands on devices with protection information share: the way over a command's blocks.
 */
#ifndef VDISK_INTEGRITY_H
#define VDISK_INTEGRITY_H

#include "vdisk.h"

#define PI_ORDER	3
#define PI_BLOCKS	((PAGE_SIZE << PI_ORDER) / 512)

/* A place in a command's buffer. */
struct pi_place {
	unsigned int i;
	u32 off;
};

/**
 * struct pi_walk - one way over a command's blocks; lives as long as its worker function
 * @vd: device
 * @cmd: command
 * @page: holds @room blocks of the medium at @data
 * @order: of @page
 * @data: data of the chunk
 * @bs: bytes of a block
 * @room: blocks of a chunk
 * @carries: tags stand in the command's buffer
 * @stored: tags are kept
 * @conf: the device's, as it was when the command began
 * @rule: how tags are checked, and made
 * @tags: of the chunk
 * @sent: those that the initiator sent for it
 * @tag_page: takes tags to and from the block device, when that keeps them; else NULL
 */
struct pi_walk {
	struct vdisk_dev *vd;
	struct scst_cmd *cmd;
	struct page *page;
	unsigned int order;
	u8 *data;
	u32 bs;
	u32 room;
	bool carries;
	bool stored;
	struct scsi_dif_conf conf;
	struct scsi_dif_rule rule;
	u8 tags[PI_BLOCKS * SCSI_DIF_LEN];
	u8 sent[PI_BLOCKS * SCSI_DIF_LEN];
	struct page *tag_page;
};

/* Bytes that a block takes in the command's buffer. */
static inline u32 pi_step(const struct pi_walk *w)
{
	return w->bs + (w->carries ? SCSI_DIF_LEN : 0);
}

/* Whole blocks that were sent. */
static inline u32 pi_sent_blocks(const struct pi_walk *w)
{
	return min_t(u32, w->cmd->data_len, w->cmd->buf.len) / pi_step(w);
}

/* NULL: the command is answered BUSY. */
struct pi_walk *vdisk_pi_begin(struct scst_cmd *cmd);
void vdisk_pi_end(struct pi_walk *w);
/* Copies between @mem and the command's buffer at @p, and moves on. */
void vdisk_pi_copy(struct pi_walk *w, struct pi_place *p, u8 *mem, u32 len, bool to_buf);
/* The next @n blocks of the command's buffer; their tags, if they have any, go to w->sent. */
void vdisk_pi_fetch(struct pi_walk *w, struct pi_place *p, u32 n);
/* Makes tags of the chunk, which begins with block @first of the command. */
void vdisk_pi_make(struct pi_walk *w, u32 first, u32 n);
/* The same for blocks that have changed: w->tags are those of the medium, w->sent those that came. */
void vdisk_pi_renew(struct pi_walk *w, u32 first, u32 n);

/* False from all of these: the command failed, or was aborted. */
bool vdisk_pi_check(struct pi_walk *w, const struct scsi_dif_rule *rule, const u8 *tags, u32 first, u32 n);
/* Reads blocks @first ... of the command; tags that are not stored are made. */
bool vdisk_pi_read_chunk(struct pi_walk *w, u32 first, u32 n);
/* Writes the chunk with w->tags. */
bool vdisk_pi_write_chunk(struct pi_walk *w, u64 lba, u32 n);
/* Are the tags that came with @blocks blocks from @p on right? */
bool vdisk_pi_check_sent(struct pi_walk *w, struct pi_place p, u32 blocks);
/* Writes @blocks blocks that are right from @p on. */
bool vdisk_pi_write_sent(struct pi_walk *w, struct pi_place p, u32 blocks);
/* A write that has to be stable, or has to since it began. */
void vdisk_pi_settle(struct pi_walk *w);

/* pi_cmds.c; in the device's workqueue */
void vdisk_pi_verify(struct scst_cmd *cmd);
void vdisk_pi_write_verify(struct scst_cmd *cmd);

#endif /* VDISK_INTEGRITY_H */
