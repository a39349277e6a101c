// SPDX-License-Identifier: GPL-2.0
/*
 * main() of iscsi-scst-adm.
 */
#include "request.h"

int main(int argc, char **argv)
{
	return adm_main(argc, argv);
}
