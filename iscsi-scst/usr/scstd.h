/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry of the daemon, apart from main() so that a test can link it.
 */
#ifndef SCSTD_H
#define SCSTD_H

/**
 * scstd_main - run the daemon
 * @argc: as main()
 * @argv: as main()
 *
 * Return: exit code.
 */
int scstd_main(int argc, char **argv);

#endif /* SCSTD_H */
