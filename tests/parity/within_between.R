# Writes within_between.json: slopes within and between people by lme4, pbkrtest and clubSandwich.
# Run in tests/parity: Rscript within_between.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich); library(jsonlite)})
ct <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-2, rhoend = 1e-12, maxfun = 1e6),
                  check.conv.singular = "ignore", check.scaleX = "ignore")
long <- read.csv("data/long.csv"); long <- long[order(long$id, long$wave), ]
split <- function(d) within(d, {gm <- ave(x, id); gw <- x - gm; visit <- factor(wave); person <- id})
prior <- long; key <- paste(long$id, long$wave - 1)
prior$x <- long$glute[match(key, paste(long$id, long$wave))]; prior <- split(prior[!is.na(prior$x), ])
long$x <- long$glute; long <- split(long)
full <- pain ~ gw + gm + visit + female + age + (1 | person)
fit <- function(f, d) lmer(f, d, control = ct)
kr <- function(m, w) {p <- length(fixef(m)); L <- rep(0, p); L[seq_along(w)] <- w
  A <- vcovAdj(m); df <- Lb_ddf(L, vcov(m), A); est <- sum(L * fixef(m)); se <- sqrt(drop(t(L) %*% as.matrix(A) %*% L))
  ci <- est + c(-1, 1) * qt(.975, df) * se
  list(estimate = est, se = se, df = df, low = ci[1], high = ci[2], p = 2 * pt(-abs(est / se), df))}
cr <- function(m, id, j) {t <- coef_test(m, vcov = "CR2", cluster = id)[j, ]
  ci <- t$beta + c(-1, 1) * qt(.975, t$df_Satt) * t$SE
  list(estimate = t$beta, se = t$SE, df = t$df_Satt, low = ci[1], high = ci[2], p = t$p_Satt)}
m <- fit(full, long); w <- c(0, 1); b <- c(0, 0, 1); c <- c(0, -1, 1)
d <- do.call(rbind, by(long, long$id, function(r) {k <- which(diff(r$wave) == 1)
  if (length(k)) data.frame(person = r$id[1], dy = r$pain[k + 1] - r$pain[k], dx = r$x[k + 1] - r$x[k], to = factor(r$wave[k + 1], 1:3))}))
means <- model.matrix(~ visit, long)[, -1]; for (j in 1:3) long[[paste0("v", j)]] <- ave(means[, j], long$person)
out <- list(within = kr(m, w), between = kr(m, b), contextual = kr(m, c), crude = kr(fit(pain ~ gw + gm + visit + (1 | person), long), w),
  robust = cr(m, long$person, 2), slope = kr(fit(update(full, . ~ . - (1 | person) + (1 + gw | person)), long), w),
  fixed = kr(fit(update(full, . ~ . + v1 + v2 + v3), long), w),
  differences = cr(lm(dy ~ dx + to, d), d$person, 2),
  pooled = kr(fit(pain ~ x + visit + female + age + (1 | person), long), w), lagged = kr(fit(full, prior), w),
  rows = nrow(long), rows_lagged = nrow(prior))
write_json(out, "within_between.json", digits = NA, auto_unbox = TRUE, na = "null")
