# Writes emg_compensation.json: ratios of raw, MVIC and % amplitudes along strength, clustered by person (CR2).
# Run in tests/parity: Rscript emg_compensation.R
suppressMessages({library(clubSandwich); library(sandwich); library(jsonlite)})
d <- read.csv("data/emg.csv")
for (m in c("gmax", "es_ipsi", "es_contra", "bf", "st")) d[[paste0(m, "_pct")]] <- 100 * d[[paste0(m, "_rms")]] / d[[paste0(m, "_mvic")]]
s <- sd(d$strength)
row <- function(f, ratio = TRUE, units = s, term = "strength", data = d) {
  m <- lm(as.formula(f), data); used <- data[rownames(model.frame(m)), ]
  w <- as.numeric(names(coef(m)) == term) * units
  lc <- linear_contrast(m, "CR2", cluster = used$id, contrasts = matrix(w, 1))
  ci <- lc$Est + c(-1, 1) * qt(.975, lc$df) * lc$SE; p <- 2 * pt(-abs(lc$Est / lc$SE), lc$df)
  est <- lc$Est; if (ratio) {est <- exp(est); ci <- exp(ci)}
  list(estimate = est, se = lc$SE, df = lc$df, low = ci[1], high = ci[2], p = p)
}
C <- "+ age + female"
answers <- list(
  headline = row(paste("log(es_ipsi_pct) ~ strength", C)),
  crude = row("log(es_ipsi_pct) ~ strength"),
  raw = row(paste("log(es_ipsi_rms) ~ strength", C)), mvic = row(paste("log(es_ipsi_mvic) ~ strength", C)),
  bf_pct = row(paste("log(bf_pct) ~ strength", C)),
  ratio = row(paste("log((es_ipsi_pct + es_contra_pct) / 2) - log(gmax_pct) ~ strength", C)),
  ancova = row(paste("log(es_ipsi_rms) ~ strength + log(es_ipsi_mvic)", C)),
  delay = row(paste("I(bf_onset - gmax_onset) ~ strength", C), FALSE),
  first = row(paste("I(as.numeric(bf_onset < gmax_onset)) ~ strength", C), FALSE))
p <- aggregate(cbind(strength, age, female, y = log(es_ipsi_pct)) ~ id, d, mean)
m <- lm(y ~ strength + age + female, p); est <- s * coef(m)["strength"]; se <- s * sqrt(vcovHC(m, "HC3")["strength", "strength"])
ci <- est + c(-1, 1) * qt(.975, m$df.residual) * se
answers$person <- list(estimate = exp(est), se = se, df = m$df.residual, low = exp(ci[1]), high = exp(ci[2]), p = 2 * pt(-abs(est / se), m$df.residual))
answers$person <- lapply(answers$person, unname)
write_json(answers, "emg_compensation.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
