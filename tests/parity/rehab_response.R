# Writes rehab_response.json: arms, responders, one arm and adherence of data/programme.csv.
# Run in tests/parity: Rscript rehab_response.R
suppressMessages({library(lme4); library(lmerTest); library(clubSandwich); library(sandwich)
                  library(jsonlite)})
d <- read.csv("data/programme.csv", na.strings = "")
visits <- c("baseline", "week04", "week08", "week12")
d$v <- match(d$visit, visits) - 1; d$a <- as.numeric(d$arm == "programme")
for (k in 1:3) {d[[paste0("t", k)]] <- as.numeric(d$v == k); d[[paste0("g", k)]] <- d[[paste0("t", k)]] * d$a}
long <- d[!is.na(d$nprs), ]
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), calc.derivs = FALSE)
row <- function(est, se, df = Inf) {half <- qt(.975, df) * se
  list(estimate = est, se = se, df = if (is.finite(df)) df else NA, low = est - half, high = est + half,
       p = 2 * pt(-abs(est / se), df))}
gap <- function(f, name) {w <- as.numeric(names(fixef(f)) == name)
  k <- contest1D(f, w, ddf = "Kenward-Roger"); row(k$Estimate, k$`Std. Error`, k$df)}
plain <- lmer(nprs ~ t1 + t2 + t3 + g1 + g2 + g3 + (1 | id), long, control = tight)
with <- lmer(nprs ~ t1 + t2 + t3 + g1 + g2 + g3 + phq9 + (1 | id), long, control = tight)
V <- vcovCR(lme4::lmer(formula(plain), long, control = tight), long$id, "CR2")
m0 <- lme4::lmer(formula(plain), long, control = tight)
lc <- coef_test(m0, V, test = "Satterthwaite")["g3", ]
one <- lmer(nprs ~ t1 + t2 + t3 + (1 | id), subset(long, a == 1), control = tight)
wide <- function(name) {m <- matrix(NA, length(unique(d$id)), 4, dimnames = list(sort(unique(d$id)), NULL))
  m[cbind(match(d$id, rownames(m)), d$v + 1)] <- d[[name]]; m}
y <- wide("nprs"); a <- wide("a")[, 1]; phq <- wide("phq9")[, 1]
both <- !is.na(y[, 1]) & !is.na(y[, 4])
ols <- function(f, j) {s <- sqrt(vcovHC(f, "HC3")[j, j]); row(unname(coef(f)[j]), s, f$df.residual)}
ancova <- ols(lm(y[both, 4] ~ a[both] + y[both, 1]), 2)
crude <- ols(lm(y[!is.na(y[, 4]), 4] ~ a[!is.na(y[, 4])]), 2)
use <- both & y[, 1] >= 3 & !is.na(y[, 1]); b <- y[use, 1]; e <- y[use, 4]; g <- a[use]
newcombe <- function(r) {n1 <- sum(g == 1); n0 <- sum(g == 0); k1 <- sum(r[g == 1]); k0 <- sum(r[g == 0])
  w <- function(k, n) prop.test(k, n, correct = FALSE)$conf.int; i1 <- w(k1, n1); i0 <- w(k0, n0)
  p1 <- k1 / n1; p0 <- k0 / n0; q <- p1 - p0; s <- sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
  list(estimate = q, se = s, df = NA, low = q - sqrt((p1 - i1[1])^2 + (i0[2] - p0)^2),
       high = q + sqrt((i1[2] - p1)^2 + (p0 - i0[1])^2), p = 2 * pnorm(-abs(q / s)))}
good <- b - e >= 2 & b - e >= .3 * b
s <- sqrt(1 / sum(good[g == 1]) - 1 / sum(g == 1) + 1 / sum(good[g == 0]) - 1 / sum(g == 0))
l <- log(mean(good[g == 1]) / mean(good[g == 0])); ratio <- row(l, s)
ratio[c("estimate", "low", "high")] <- lapply(ratio[c("estimate", "low", "high")], exp)
# Adherence: weights over three intervals, one row a person x interval.
so <- wide("so_far"); dose <- wide("dose"); st <- wide("stage") - 1
keep <- !is.na(so[, 4]) & !is.na(y[, 1])
y <- y[keep, ]; so <- so[keep, ]; so[is.na(so)] <- 0; dose <- dose[keep, ]; st <- st[keep, ]; phq <- phq[keep]
carry <- function(m) {m[is.na(m[, 1]), 1] <- 0; for (k in 2:4) m[is.na(m[, k]), k] <- m[is.na(m[, k]), k - 1]; m}
last <- carry(y); st <- carry(st); n <- nrow(y); r <- NULL
seen <- !is.na(y[, 2:4]); later <- cbind(seen[, 1] | seen[, 2] | seen[, 3], seen[, 2] | seen[, 3], seen[, 3])
for (k in 1:3) r <- rbind(r, data.frame(id = 1:n, k = k, y0 = y[, 1], phq = phq, done = so[, k], dose = dose[, k + 1],
  last = last[, k], stage = st[, k], stay = as.numeric(later[, k]), here = if (k == 1) TRUE else later[, k - 1]))
few <- ~ y0 + phq + factor(k) + done; full <- update(few, ~ . + last + stage)
r$sw <- 1; i <- !is.na(r$dose)
ratio_of <- function(f) {m <- lm(update(f, dose ~ .), r[i, ]); dnorm(r$dose[i], fitted(m), summary(m)$sigma)}
r$sw[i] <- ratio_of(few) / ratio_of(full)
r$own <- ifelse(is.na(r$dose), mean(r$dose, na.rm = TRUE), r$dose)
stay <- function(f) fitted(glm(update(f, stay ~ . + own), binomial, r[r$here, ], control = glm.control(1e-14, 100)))
r$cw <- 1; r$cw[r$here] <- stay(few) / stay(full)
W <- tapply(r$sw * r$cw, r$id, prod); end <- !is.na(y[, 4]); w <- W[end]
w <- pmin(pmax(w, quantile(w, .01)), quantile(w, .99))
msm <- lm(y[end, 4] ~ so[end, 4] + y[end, 1] + phq[end], weights = w)
regression <- lm(y[end, 4] ~ so[end, 4] + y[end, 1] + phq[end]); alone <- lm(y[end, 4] ~ so[end, 4])
write_json(list(gap = gap(plain, "g3"), gap_week04 = gap(plain, "g1"), gap_covariate = gap(with, "g3"),
  robust = row(lc$beta, lc$SE, lc$df), change = gap(one, "t3"), ancova = ancova, crude = crude,
  responders = newcombe(good), ratio = ratio, detected = newcombe(b - e >= 2),
  weights = unname(as.vector(w)), msm = unname(coef(msm)[2]), dose_crude = ols(alone, 2), dose_adjusted = ols(regression, 2)),
  "rehab_response.json", digits = NA, auto_unbox = TRUE)
