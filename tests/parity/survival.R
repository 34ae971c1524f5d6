# Writes data/lung.csv and survival.json: Cox models, their tests, baseline and concordance; Kaplan-Meier, log-rank.
# Run: Rscript tests/parity/survival.R
suppressMessages({library(jsonlite); library(survival)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
l <- survival::lung[c("time", "status", "age", "sex", "ph.ecog", "inst", "wt.loss")]
l$status <- l$status - 1
write.csv(l, file.path(here, "data", "lung.csv"), row.names = FALSE, na = "")
incident <- read.csv(file.path(here, "data", "incident.csv"))
cox <- function(m) {
  t <- cox.zph(m)$table; k <- m$concordance
  list(coef = unname(coef(m)), se = unname(sqrt(diag(m$var))), loglik = m$loglik, score = m$score,
       zph = unname(t[, 1]), p = unname(t[, 3]), concordance = c(k[["concordance"]], k[["std"]]),
       martingale = unname(head(residuals(m), 12)))
}
ecog <- l[!is.na(l$ph.ecog), ]
f <- coxph(Surv(time, status) ~ age + sex + ph.ecog, ecog, control = tight)
breslow <- coxph(Surv(time, status) ~ age + sex + ph.ecog, ecog, control = tight, ties = "breslow")
inst <- ecog[!is.na(ecog$inst), ]
strata_ <- coxph(Surv(time, status) ~ age + sex + strata(ph.ecog), subset(inst, ph.ecog < 3), control = tight)
cluster_ <- coxph(Surv(time, status) ~ age + sex + ph.ecog, inst, cluster = inst, control = tight)
late <- transform(subset(inst, ph.ecog < 3), entry = pmin(60 * (inst %% 4), time - 5))
late$time <- 10 * ceiling(late$time / 10); late$entry <- 10 * floor(late$entry / 10)
delayed <- coxph(Surv(entry, time, status) ~ age + sex + strata(ph.ecog), late, control = tight)
delayed_robust <- coxph(Surv(entry, time, status) ~ age + sex + strata(ph.ecog), late, control = tight, robust = TRUE, cluster = seq_len(nrow(late)))
one <- coxph(Surv(time, event) ~ glute + age + female + prior_lbp, incident, control = tight)
one_robust <- coxph(Surv(time, event) ~ glute + age + female + prior_lbp, incident, control = tight, robust = TRUE, cluster = id)
curve <- function(m, newdata, at) {
  s <- summary(survfit(m, newdata = newdata, conf.type = "log-log"), times = at)
  h <- survfit(m, newdata = newdata)
  list(survival = s$surv, low = s$lower, high = s$upper, cumhaz = summary(h, times = at)$cumhaz, std_chaz = summary(h, times = at)$std.err / s$surv)
}
answers <- list(lung = cox(f), breslow = cox(breslow), strata = cox(strata_), incident = cox(one),
  incident_robust = sqrt(diag(one_robust$var)), cluster = c(cox(cluster_), list(naive = unname(sqrt(diag(cluster_$naive.var))))),
  delayed = c(cox(delayed), list(robust = unname(sqrt(diag(delayed_robust$var))))),
  curve = curve(f, data.frame(age = 60, sex = 1, ph.ecog = 1), c(50, 180, 365, 700)),
  scores = unname(residuals(f, "score")[1:6, ]), schoenfeld = unname(residuals(f, "schoenfeld")[1:8, ]),
  clocks = sapply(c("identity", "log", "rank"), function(k) unname(cox.zph(f, transform = k)$table[, 1]), simplify = FALSE))

# Kaplan-Meier, median and log-rank.
km <- survfit(Surv(time, status) ~ 1, l, conf.type = "log-log"); sx <- survfit(Surv(time, status) ~ sex, l, conf.type = "log-log")
at <- summary(km, times = c(50, 180, 365, 700))
t <- summary(sx)$table
trunc_ <- survfit(Surv(entry, time, status) ~ 1, late, conf.type = "log-log"); tr <- summary(trunc_, times = c(100, 200, 300, 600))
lr <- function(f, d) {r <- survdiff(f, d); list(observed = as.numeric(if (is.matrix(r$obs)) rowSums(r$obs) else r$obs), expected = as.numeric(if (is.matrix(r$exp)) rowSums(r$exp) else r$exp), chisq = r$chisq)}
rm_ <- summary(km, rmean = 365)$table
answers$km <- list(survival = at$surv, se = at$std.err, low = at$lower, high = at$upper, at_risk = at$n.risk,
  median_by_sex = unname(t[, c("median", "0.95LCL", "0.95UCL")]), rmean = c(rm_[["rmean"]], rm_[["se(rmean)"]]),
  delayed = list(survival = tr$surv, se = tr$std.err, at_risk = tr$n.risk))
answers$km$scales <- sapply(c("log", "plain"), function(k) {
  s <- summary(survfit(Surv(time, status) ~ 1, l, conf.type = k), times = c(50, 180, 365, 700)); rbind(s$lower, s$upper)}, simplify = FALSE)
answers$log_rank <- list(sex = lr(Surv(time, status) ~ sex, l), ecog = lr(Surv(time, status) ~ ph.ecog, ecog),
  stratified = lr(Surv(time, status) ~ sex + strata(ph.ecog), ecog))
# Competing events: lung's deaths called 1 in even institutions, 2 in odd ones.
suppressMessages({library(cmprsk); library(sandwich); library(clubSandwich)})
two <- subset(l, !is.na(inst)); two$cause <- ifelse(two$status == 0, 0, 1 + two$inst %% 2)
two$time <- 10 * ceiling(two$time / 10)
ci <- cuminc(two$time, two$cause); at <- c(30, 100, 200, 365, 700)
tp <- timepoints(ci, at)
gray <- cuminc(two$time, two$cause, two$sex)$Tests
gray_strata <- cuminc(two$time, two$cause, two$ph.ecog, strata = two$sex)$Tests
answers$competing <- list(incidence = unname(tp$est), variance = unname(tp$var), gray = unname(gray[, 1]), gray_p = unname(gray[, 2]), gray_strata = unname(gray_strata[, 1]))
# Visits: everyone's status at months 3, 6, ... 18; then with visits missed.
incident$period <- pmin(ceiling(incident$time / 3), 6)
incident$hit <- ifelse(incident$event == 1 & incident$time <= 18, 1, 0)
incident$last <- ifelse(incident$hit == 1, incident$period, floor(pmin(incident$time, 18) / 3))
status <- t(sapply(seq_len(nrow(incident)), function(i) {
  k <- 1:6; with(incident[i, ], ifelse(k <= last, as.numeric(hit == 1 & k == last), ifelse(hit == 1, 1, NA)))}))
set.seed(4); holes <- status; gone <- matrix(runif(length(holes)) < 0.25, nrow(holes)); holes[gone] <- NA
write.csv(status, file.path(here, "data", "visits.csv"), row.names = FALSE, na = "")
write.csv(holes, file.path(here, "data", "visits_missed.csv"), row.names = FALSE, na = "")
pp <- do.call(rbind, lapply(which(incident$last > 0), function(i) with(incident[i, ], data.frame(id = id, visit = seq_len(last),
  y = as.numeric(seq_len(last) == last & hit == 1), glute, age, female, prior_lbp))))
g <- glm(y ~ 0 + factor(visit) + glute + age + female + prior_lbp, binomial("cloglog"), pp, control = glm.control(epsilon = 1e-15, maxit = 200))
c2 <- coef_test(g, vcov = "CR2", cluster = pp$id)
X0 <- c(2, 40, 1, 0); b <- coef(g); inc <- sapply(1:6, function(k) {
  h <- exp(b[1:6] + sum(X0 * b[7:10]))[1:k]; H <- sum(h); s <- c(h / H, rep(0, 6 - k)); d <- c(s, X0)
  v <- sqrt(drop(t(d) %*% vcov(g) %*% d)); c(1 - exp(-H), 1 - exp(-H * exp(-qnorm(.975) * v)), 1 - exp(-H * exp(qnorm(.975) * v)))})
# Missed visits: the likelihood written out and climbed by a general optimiser.
rows <- do.call(rbind, lapply(seq_len(nrow(holes)), function(i) {
  s <- holes[i, ]; seen <- which(!is.na(s)); hit <- which(s == 1)[1]; neg <- seen[s[seen] == 0]; if (!is.na(hit)) neg <- neg[neg < hit]
  a <- if (length(neg)) max(neg) else 0; if (is.na(hit)) c(i, a, NA) else c(i, a, hit)}))
XX <- as.matrix(incident[c("glute", "age", "female", "prior_lbp")]); mid <- colMeans(XX); XC <- sweep(XX, 2, mid)
like <- function(b) {ch <- c(0, cumsum(exp(b[1:6]))); r <- exp(drop(XC %*% b[7:10]))
  h1 <- ch[rows[, 2] + 1] * r; wide <- ifelse(is.na(rows[, 3]), 0, (ch[pmax(rows[, 3], 1, na.rm = TRUE) + 1] - ch[rows[, 2] + 1]) * r)
  sum(-h1 + ifelse(is.na(rows[, 3]), 0, log(-expm1(-wide))))}
start <- b; start[1:6] <- b[1:6] + sum(mid * b[7:10])
o <- optim(start, function(b) -like(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))
for (i in 1:4) o <- optim(o$par, function(b) -like(b), method = "BFGS", control = list(reltol = 1e-16, maxit = 5000, ndeps = rep(1e-5, 10)))
answers$visits <- list(coef = unname(coef(g)), se = unname(sqrt(diag(vcov(g)))), deviance = g$deviance,
  hc = lapply(as.data.frame(sapply(c("HC0", "HC1", "HC2", "HC3"), function(k) sqrt(diag(vcovHC(g, k))))), unname),
  cr2 = list(se = c2$SE, df = c2$df_Satt), incidence = unname(inc), missed = list(coef = unname(o$par[7:10]), loglik = -o$value))
write_json(answers, file.path(here, "survival.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
