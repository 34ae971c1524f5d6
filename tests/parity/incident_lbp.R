# Writes incident_lbp.json: what the analysis of new pain reports, from data/incident.csv seen at visits.
# Run in tests/parity: Rscript incident_lbp.R
suppressMessages({library(jsonlite); library(survival); library(clubSandwich); library(sandwich)})
d <- read.csv("data/incident.csv"); CO <- c("age", "male", "prior_lbp"); d$male <- 1 - d$female
weeks <- c(4, 8, 12, 16); d$event <- d$event * (d$time <= 16)
tight <- glm.control(epsilon = 1e-14, maxit = 200)
d$last <- sapply(seq_len(nrow(d)), function(i) if (d$event[i]) which(weeks >= d$time[i])[1] else sum(weeks <= d$time[i]))
d <- d[d$last > 0, ]  # seen again
d$day <- ifelse(d$event == 1, ceiling(7 * d$time), 7 * weeks[pmax(d$last, 1)])
rows <- d[rep(seq_len(nrow(d)), d$last), ]
rows$period <- sequence(d$last); rows$y <- as.numeric(rows$event == 1 & rows$period == rows$last)
wald <- function(b, se, df = Inf) {ci <- b + c(-1, 1) * qt(.975, df) * se
  list(estimate = exp(b), se = se, df = if (is.finite(df)) df else NA, low = exp(ci[1]), high = exp(ci[2]), p = 2 * pt(-abs(b / se), df))}
formula_ <- function(more) reformulate(c("0", "factor(period)", "glute", more), "y")
robust <- function(m, data, per) {
  w <- diag(length(coef(m)))[names(coef(m)) == "glute", ]
  t <- linear_contrast(m, "CR2", cluster = data$id, contrasts = matrix(w * per, 1))
  wald(unname(t$Est), t$SE, t$df)}
per <- sd(d$glute)
main <- glm(formula_(CO), binomial("cloglog"), rows, control = tight)
crude <- glm(formula_(NULL), binomial("cloglog"), rows, control = tight)
cox <- coxph(reformulate(c("glute", CO), "Surv(day, event)"), d, robust = TRUE, control = coxph.control(eps = 1e-12, iter.max = 100))
logit <- glm(formula_(CO), binomial, rows, control = tight)
late <- subset(rows, period > 1)
after <- glm(formula_(CO), binomial("cloglog"), late, control = tight)
rows$drift <- with(rows, (glute - mean(d$glute)) * (log2(weeks[period]) - mean(log2(weeks[period]))))
drift <- glm(formula_(c("drift", CO)), binomial("cloglog"), rows, control = tight)
wd <- diag(length(coef(drift)))[names(coef(drift)) == "drift", ] * per
td <- linear_contrast(drift, "CR2", cluster = rows$id, contrasts = matrix(wd, 1))
# Standardised risks by the last visit: delta method with the clustered covariance.
V <- as.matrix(vcovCR(main, rows$id, "CR2")); b <- coef(main)
at <- unname(quantile(d$glute, c(.1, .9)))
risk <- function(b, value) {x <- as.matrix(cbind(glute = value, d[CO]))
  mean(1 - exp(-sum(exp(b[1:4])) * exp(drop(x %*% b[-(1:4)]))))}
slope <- function(value) sapply(seq_along(b), function(j) {h <- 1e-5; e <- replace(0 * b, j, h)
  (8 * (risk(b + e, value) - risk(b - e, value)) - (risk(b + 2 * e, value) - risk(b - 2 * e, value))) / (12 * h)})
r <- c(risk(b, at[1]), risk(b, at[2])); g <- cbind(slope(at[1]), slope(at[2]))
plain <- function(est, grad) {se <- sqrt(drop(t(grad) %*% V %*% grad)); list(est = est, se = se)}
difference <- plain(r[2] - r[1], g[, 2] - g[, 1]); ratio <- plain(log(r[2] / r[1]), g[, 2] / r[2] - g[, 1] / r[1])
ends <- difference$est + c(-1, 1) * qnorm(.975) * difference$se
# Regression calibration by the strength at the last visit of those still free.
m <- mean(read.csv("data/incident.csv")$glute); 
usable <- which(sapply(1:4, function(k) sum(d$last > k | (d$last == k & d$event == 0))) >= 30)
k <- max(usable); free <- subset(d, last > k | (last == k & event == 0)); free$later <- m + .7 * (free$glute - m) + .2 * sin(free$id)
share <- lm(reformulate(c("glute", CO), "later"), free); s <- coef(share)[["glute"]]
es <- sqrt(vcovHC(share, "HC3")["glute", "glute"])
cl <- linear_contrast(main, "CR2", cluster = rows$id, contrasts = matrix(diag(length(b))[names(b) == "glute", ] * per, 1))
bc <- cl$Est / s; sec <- sqrt((cl$SE / s)^2 + (bc * es / s)^2)
answers <- list(
  adjusted = robust(main, rows, per), crude = robust(crude, rows, per),
  "Cox, exact days" = wald(coef(cox)[["glute"]] * per, sqrt(cox$var[1, 1]) * per),
  "logit link" = robust(logit, rows, per), "after week 4" = robust(after, late, per),
  "change of the hazard ratio with time" = wald(unname(td$Est), td$SE, td$df),
  "corrected for measurement error" = wald(unname(bc), unname(sec)),
  risk_difference = list(estimate = difference$est, se = difference$se, df = NA, low = ends[1], high = ends[2],
                         p = 2 * pnorm(-abs(difference$est / difference$se))),
  risk_ratio = wald(ratio$est, ratio$se), reliability = s, zph = unname(cox.zph(cox)$table[c("glute", "GLOBAL"), "p"]),
  events = sum(d$event), people = nrow(d), rows = nrow(rows))
write(toJSON(answers, digits = NA, auto_unbox = TRUE, null = "null", na = "null", pretty = TRUE), "incident_lbp.json")
