// SPDX-License-Identifier: GPL-2.0
/*
 * Data pages of commands: allocation, the table that lists them, copying parameter data in and out.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "scst_priv.h"

#define BUF_ORDER_MAX	3	/* 32 KiB on 4 KiB pages: cheap to get, no reclaim for more than one page */
#define BUF_KEEP_MAX	256	/* entries a slot keeps: a page full */

/* An all-zero buffer has its inline table. */
static void buf_ready(struct scst_buf *buf)
{
	if (buf->bv)
		return;
	buf->bv = buf->few;
	buf->cap = SCST_BUF_INLINE;
}

int scst_buf_reserve(struct scst_buf *buf, unsigned int nr)
{
	struct bio_vec *bv;

	buf_ready(buf);
	if (nr <= buf->cap)
		return 0;
	if (nr > SCST_MAX_XFER / PAGE_SIZE + 1)
		return -EINVAL;
	bv = scst_alloc_mem(array_size(nr, sizeof(*bv)));
	if (!bv)
		return -ENOMEM;
	memcpy(bv, buf->bv, buf->nr * sizeof(*bv));
	if (buf->bv != buf->few)
		kvfree(buf->bv);
	buf->bv = bv;
	buf->cap = nr;
	return 0;
}
EXPORT_SYMBOL_GPL(scst_buf_reserve);

int scst_buf_add(struct scst_buf *buf, struct page *page, unsigned int len, unsigned int offset)
{
	int res;

	buf_ready(buf);
	if (buf->nr == buf->cap) {
		res = scst_buf_reserve(buf, min_t(unsigned int, 2 * buf->cap, SCST_MAX_XFER / PAGE_SIZE + 1));
		if (res)
			return res;
		if (buf->nr == buf->cap)
			return -ENOMEM;
	}
	buf->bv[buf->nr++] = (struct bio_vec){ .bv_page = page, .bv_len = len, .bv_offset = offset };
	buf->len += len;
	return 0;
}
EXPORT_SYMBOL_GPL(scst_buf_add);

static void free_table(struct scst_buf *buf)
{
	if (buf->bv != buf->few)
		kvfree(buf->bv);
	buf->bv = NULL;
	buf->cap = 0;
}

void scst_buf_release(struct scst_buf *buf)
{
	unsigned int i;

	for (i = 0; i < buf->nr; i++)
		put_page(buf->bv[i].bv_page);
	buf->nr = 0;
	buf->len = 0;
	if (unlikely(buf->cap > BUF_KEEP_MAX))
		free_table(buf);
}
EXPORT_SYMBOL_GPL(scst_buf_release);

void scst_buf_destroy(struct scst_buf *buf)
{
	scst_buf_release(buf);
	free_table(buf);
}
EXPORT_SYMBOL_GPL(scst_buf_destroy);

/* One piece of at most @want bytes: as large as is easily had, one page at least. */
static int add_piece(struct scst_buf *buf, u32 want, unsigned int *order)
{
	unsigned int len;
	struct page *page;
	int res;

	*order = min_t(unsigned int, *order, ilog2(DIV_ROUND_UP(want, PAGE_SIZE)));
	page = scst_alloc_pages(*order);
	if (!page && *order) {
		*order = 0;
		page = scst_alloc_pages(0);
	}
	if (!page)
		return -ENOMEM;
	len = min_t(u32, want, PAGE_SIZE << *order);
	res = scst_buf_add(buf, page, len, 0);
	if (res)
		put_page(page);
	return res;
}

static int alloc_data(struct scst_buf *buf, u32 len)
{
	unsigned int order = BUF_ORDER_MAX;
	int res;

	res = scst_buf_reserve(buf, DIV_ROUND_UP(len, PAGE_SIZE << BUF_ORDER_MAX));
	while (!res && buf->len < len)
		res = add_piece(buf, len - buf->len, &order);
	if (res)
		scst_buf_release(buf);
	return res;
}

int scst_cmd_alloc_data(struct scst_cmd *cmd, u32 len)
{
	scst_buf_release(&cmd->buf);
	scst_mem_uncharge(cmd);
	if (!WARN_ON_ONCE(len > SCST_MAX_XFER) && scst_mem_charge(cmd, len)) {
		if (!alloc_data(&cmd->buf, len))
			return 0;
		scst_mem_uncharge(cmd);
	}
	/* The initiator comes again. Whoever else holds the command only looks at aborted and state. */
	cmd->status = SCSI_BUSY;
	return -ENOMEM;
}
EXPORT_SYMBOL_GPL(scst_cmd_alloc_data);

/* All entries that are copied are our own, hence in the kernel's mapping. */
void scst_cmd_reply(struct scst_cmd *cmd, const void *data, unsigned int len)
{
	const u8 *from = data;
	unsigned int i, n;

	cmd->want_len = min_t(u64, len, cmd->info.xfer_len);
	len = min(cmd->want_len, cmd->data_len);
	cmd->resp_len = 0;
	if (!len || scst_cmd_alloc_data(cmd, len))
		return;
	for (i = 0; i < cmd->buf.nr; i++) {
		n = cmd->buf.bv[i].bv_len;
		memcpy(page_address(cmd->buf.bv[i].bv_page), from, n);
		from += n;
	}
	cmd->resp_len = len;
}
EXPORT_SYMBOL_GPL(scst_cmd_reply);

unsigned int scst_cmd_fetch_from(const struct scst_cmd *cmd, unsigned int from, void *buf, unsigned int size)
{
	u32 end = min(cmd->data_len, cmd->buf.len), left = min(size, end - min(from, end));
	unsigned int i, n, got = 0;
	u8 *to = buf;

	for (i = 0; i < cmd->buf.nr && left; i++) {
		const struct bio_vec *bv = &cmd->buf.bv[i];

		if (from < bv->bv_len) {
			n = min(bv->bv_len - from, left);
			memcpy(to + got, page_address(bv->bv_page) + bv->bv_offset + from, n);
			got += n;
			left -= n;
		}
		from -= min(from, bv->bv_len);
	}
	return got;
}
EXPORT_SYMBOL_GPL(scst_cmd_fetch_from);
