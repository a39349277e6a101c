// SPDX-License-Identifier: GPL-2.0
/*
 * main() of iscsi-scstd.
 */
#include "scstd.h"

int main(int argc, char **argv)
{
	return scstd_main(argc, argv);
}
