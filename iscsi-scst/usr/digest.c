// SPDX-License-Identifier: GPL-2.0
/*
 * Digests by libcrypto. All of it is loaded and used once before the first child is forked, for a child may open nothing.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include "digest.h"

static struct {
	u32 algorithm;
	const char *name;
	EVP_MD *md;		/* NULL: not available */
} digests[] = {
	{ ISCSI_CHAP_MD5, "MD5", NULL },
	{ ISCSI_CHAP_SHA1, "SHA1", NULL },
	{ ISCSI_CHAP_SHA256, "SHA2-256", NULL },
	{ ISCSI_CHAP_SHA3_256, "SHA3-256", NULL },
};

static char key[ISCSI_CHAP_KEY];

static const EVP_MD *find(u32 algorithm)
{
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		if (digests[i].algorithm == algorithm)
			return digests[i].md;
	return NULL;
}

static bool digest(u32 algorithm, const struct iscsi_chap_input *in, u8 *out)
{
	const EVP_MD *md = find(algorithm);
	EVP_MD_CTX *ctx;
	bool ok;

	if (!md || (u32)EVP_MD_get_size(md) != iscsi_chap_digest_len(algorithm))
		return false;
	ctx = EVP_MD_CTX_new();
	ok = ctx && EVP_DigestInit_ex2(ctx, md, NULL) && EVP_DigestUpdate(ctx, &in->id, 1) &&
	     EVP_DigestUpdate(ctx, in->secret, in->secret_len) &&
	     EVP_DigestUpdate(ctx, in->challenge, in->challenge_len) && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);	/* wipes what it has seen of the secret */
	return ok;
}

static int random_bytes(void *to, size_t len)
{
	ssize_t n = getrandom(to, len, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

const char *digest_init(void)
{
	const struct iscsi_chap_input trial = { .secret = key, .secret_len = sizeof(key), .challenge = (u8 *)key };
	u8 out[ISCSI_CHAP_DIGEST_MAX];

	if (random_bytes(key, sizeof(key)))
		return "reading random bytes";
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		digests[i].md = EVP_MD_fetch(NULL, digests[i].name, NULL);
		if (digests[i].md && !digest(digests[i].algorithm, &trial, out)) {
			EVP_MD_free(digests[i].md);
			digests[i].md = NULL;
		}
	}
	return find(ISCSI_CHAP_SHA256) ? NULL : "loading SHA-256 from libcrypto";
}

int digest_env(struct iscsi_chap_env *env)
{
	int ret;

	env->digest = digest;
	env->algorithms = 0;
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		if (digests[i].md)
			env->algorithms |= 1U << digests[i].algorithm;
	memcpy(env->key, key, sizeof(env->key));
	ret = random_bytes(env->nonce, sizeof(env->nonce));
	return ret ? ret : random_bytes(&env->id, sizeof(env->id));
}
