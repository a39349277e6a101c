/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command line of iscsi-scst-adm asks for.
 */
#ifndef ADM_REQUEST_H
#define ADM_REQUEST_H

#include <stdbool.h>

#define PARAMS_MAX	64

enum adm_op { ADM_NONE, ADM_NEW, ADM_DELETE, ADM_UPDATE, ADM_SHOW };

/**
 * struct adm_param - one "name=value" of --params
 * @name: without blanks
 * @value: what follows the equals sign, may be empty
 */
struct adm_param {
	char *name;
	char *value;
};

/**
 * struct adm_request - one command line; its texts live in the argument vector
 * @op: what to do
 * @tid: of the target, 0 means none
 * @sid: of the session as sysfs shows it, NULL means none
 * @cid: of the connection, as text, NULL means none
 * @user: it is about accounts
 * @root: of the sysfs tree
 * @param: of --params, in their order
 * @nr_params: how many
 */
struct adm_request {
	enum adm_op op;
	unsigned int tid;
	const char *sid;
	const char *cid;
	bool user;
	const char *root;
	struct adm_param param[PARAMS_MAX];
	int nr_params;
};

/* Exit codes. */
enum { ADM_OK, ADM_FAILED, ADM_USAGE };

/**
 * request_parse - read the command line
 * @r: receives it
 * @argc: as main()
 * @argv: as main(); --params is cut into pieces
 *
 * Return: -1 to go on, or an exit code after a message.
 */
int request_parse(struct adm_request *r, int argc, char **argv);

/**
 * request_param - value of a parameter
 * @r: the request
 * @name: of the parameter, whatever its case
 *
 * Return: the value, or NULL.
 */
const char *request_param(const struct adm_request *r, const char *name);

/**
 * adm_error - say what went wrong
 * @fmt: as printf, without a newline
 *
 * Return: ADM_FAILED.
 */
int adm_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * adm_main - run the tool
 * @argc: as main()
 * @argv: as main()
 *
 * Return: exit code.
 */
int adm_main(int argc, char **argv);

#endif /* ADM_REQUEST_H */
