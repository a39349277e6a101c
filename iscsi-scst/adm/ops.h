/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What iscsi-scst-adm does: each operation returns an exit code after its message.
 */
#ifndef ADM_OPS_H
#define ADM_OPS_H

#include "request.h"

/**
 * target_op - make, change, print or remove a target
 * @r: the request
 * @drv: directory of the driver
 */
int target_op(const struct adm_request *r, int drv);

/**
 * session_op - print or close a session or its connection
 * @r: the request
 * @drv: directory of the driver
 */
int session_op(const struct adm_request *r, int drv);

/**
 * account_op - CHAP accounts of a target or of discovery
 * @r: the request
 * @drv: directory of the driver
 */
int account_op(const struct adm_request *r, int drv);

/**
 * find_tid - the target with this number
 * @drv: directory of the driver
 * @tid: its number
 * @name: receives its name, ISCSI_STORED_NAME_MAX + 1 bytes
 *
 * Return: its directory, or -1 after a message.
 */
int find_tid(int drv, unsigned int tid, char *name);

/**
 * write_attr - write one line to an attribute
 * @dir: its directory
 * @name: the attribute
 * @text: the line
 *
 * Return: 0 or -errno.
 */
int write_attr(int dir, const char *name, const char *text);

/**
 * write_mgmt - give the driver a command
 * @drv: directory of the driver
 * @fmt: the command, as printf
 *
 * Return: 0 or -errno.
 */
int write_mgmt(int drv, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * print_attrs - print those of the attributes of table keys.c that a directory has, as Key=Value
 * @dir: of a target or session
 */
void print_attrs(int dir);

#endif /* ADM_OPS_H */
