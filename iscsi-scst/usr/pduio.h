/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocking transfer of whole PDUs; never reads a byte beyond the one asked for.
 */
#ifndef SCSTD_PDUIO_H
#define SCSTD_PDUIO_H

#include "iscsi_proto.h"

/**
 * pdu_read - read exactly so many bytes
 * @fd: blocking socket
 * @buf: memory
 * @len: bytes
 *
 * Return: 0, -ECONNRESET at the end of the stream, or -errno.
 */
int pdu_read(int fd, void *buf, size_t len);

/**
 * pdu_write - write all of it
 * @fd: blocking socket
 * @buf: memory
 * @len: bytes
 *
 * Return: 0 or -errno.
 */
int pdu_write(int fd, const void *buf, size_t len);

/**
 * pdu_write_padded - write a header and its data segment with padding
 * @fd: blocking socket
 * @bhs: header, whose DataSegmentLength is @len
 * @data: data segment
 * @len: bytes in it
 *
 * Return: 0 or -errno.
 */
int pdu_write_padded(int fd, const u8 *bhs, const void *data, u32 len);

/**
 * pdu_close - close so that what was written arrives
 * @fd: blocking socket
 *
 * Closing with unread bytes would reset the connection and may destroy the last response.
 */
void pdu_close(int fd);

#endif /* SCSTD_PDUIO_H */
