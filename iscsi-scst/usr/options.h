/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's command line.
 */
#ifndef SCSTD_OPTIONS_H
#define SCSTD_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "discovery.h"

#define SCSTD_VERSION "4.0.0"

/**
 * struct options - what the command line says
 * @foreground: -f
 * @debug: -d
 * @config: -c, legacy configuration file
 * @port: -p
 * @wanted: -a; without one the wildcards of both families
 * @uid: -u
 * @gid: -g
 * @login_seconds: --login-timeout
 * @logins: --logins
 * @logins_per_source: --logins-per-address
 * @pid_file: where the locked file with the process id stands
 * @root: path of the scst_tgt tree
 * @isns_dir: where the list of the iSNS server's initiators stands
 * @isns_esi: let the iSNS server inquire whether we live
 */
struct options {
	bool foreground;
	unsigned int debug;
	const char *config;
	unsigned short port;
	struct listeners wanted;
	uid_t uid;
	gid_t gid;
	unsigned int login_seconds;
	unsigned int logins;
	unsigned int logins_per_source;
	const char *pid_file;
	const char *root;
	const char *isns_dir;
	bool isns_esi;
};

/**
 * options_parse - read the command line
 * @o: receives defaults and what is given
 * @argc: as main()
 * @argv: as main()
 *
 * Return: -1 to go on, else the exit code; help, version and errors have been printed.
 */
int options_parse(struct options *o, int argc, char **argv);

#endif /* SCSTD_OPTIONS_H */
