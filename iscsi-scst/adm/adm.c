// SPDX-License-Identifier: GPL-2.0
/*
 * Opens the tree and chooses what a request is about.
 */
#include <string.h>
#include <unistd.h>

#include "ops.h"
#include "tree.h"

static int carry_out(const struct adm_request *r, int drv)
{
	if (r->user)
		return account_op(r, drv);
	if (!r->tid && r->op != ADM_NEW) {
		adm_error("--tid is missing");
		return ADM_USAGE;
	}
	if (r->cid && !r->sid) {
		adm_error("--sid is missing");
		return ADM_USAGE;
	}
	return r->sid ? session_op(r, drv) : target_op(r, drv);
}

int adm_main(int argc, char **argv)
{
	struct adm_request r;
	int ret = request_parse(&r, argc, argv);
	int drv;

	if (ret >= 0)
		return ret;
	drv = tree_open(r.root);
	if (drv < 0)
		return adm_error("%s/targets/iscsi: %s; is iscsi-scst loaded?", r.root, strerror(-drv));
	ret = carry_out(&r, drv);
	close(drv);
	return ret;
}
