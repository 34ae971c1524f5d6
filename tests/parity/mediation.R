# Writes mediation.json: paths (lm, lavaan), counterfactual effects by integrate(), medsens.
# Run in tests/parity: Rscript mediation.R
suppressMessages({library(lavaan); library(sandwich); library(mediation); library(jsonlite)})
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)
C <- "age + female + bmi + prior_lbp"

# Delta method by central differences, over independent equations or the stacked scores of people.
delta <- function(f, fits, who = NULL) {
  b <- unlist(lapply(fits, coef)); at <- rep(seq_along(fits), sapply(fits, function(m) length(coef(m))))
  value <- function(b) f(split(b, at))
  J <- sapply(seq_along(b), function(j) {
    h <- 1e-5 * max(abs(b[j]), 1e-3); up <- down <- b; up[j] <- b[j] + h; down[j] <- b[j] - h
    (value(up) - value(down)) / (2 * h)
  })
  V <- matrix(0, length(b), length(b))
  if (is.null(who)) for (k in seq_along(fits)) V[at == k, at == k] <- vcov(fits[[k]])
  else {
    S <- do.call(cbind, lapply(fits, function(m) estfun(m) %*% bread(m) / nrow(estfun(m))))
    S <- rowsum(S, who); G <- nrow(S); V <- crossprod(S) * G / (G - 1)
  }
  list(estimate = unname(value(b)), se = unname(sqrt(diag(J %*% V %*% t(J)))))
}
f <- function(text, d = base) lm(as.formula(paste(text, "+", C)), d)
# Order of coefficients: constant, then as written.
serial <- function(b) {
  a1 <- b[[1]][2]; a2 <- b[[2]][2]; d <- b[[2]][3]; cp <- b[[3]][2]; b1 <- b[[3]][3]; b2 <- b[[3]][4]
  s <- c(a1 * b1, a1 * d * b2, a2 * b2); c(cp, sum(s), cp + sum(s), s)
}
parallel <- function(b) {
  s <- c(b[[1]][2] * b[[3]][3], b[[2]][2] * b[[3]][4]); c(b[[3]][2], sum(s), b[[3]][2] + sum(s), s)
}
last <- "pain ~ glute + tilt + lordosis"
sfits <- function(d) list(f("tilt ~ glute", d), f("lordosis ~ glute + tilt", d), f(last, d))
pfits <- list(f("tilt ~ glute"), f("lordosis ~ glute"), f(last))
model <- sprintf("tilt ~ a1*glute + %1$s\nlordosis ~ a2*glute + d*tilt + %1$s
  pain ~ cp*glute + b1*tilt + b2*lordosis + %1$s
  direct := cp\nindirect := a1*b1 + a1*d*b2 + a2*b2\ntotal := cp + a1*b1 + a1*d*b2 + a2*b2
  one := a1*b1\nboth := a1*d*b2\ntwo := a2*b2", C)
pe <- parameterEstimates(sem(model, base, control = list(rel.tol = 1e-14))); pe <- pe[pe$op == ":=", ]

# Moderated by age: a (first), b (second), all three paths.
mod <- function(b, at, a3 = NULL, b3 = NULL) sapply(at, function(w)
  (b[[1]][2] + if (is.null(a3)) 0 else b[[1]][a3] * w) *
  (b[[2]][3] + if (is.null(b3)) 0 else b[[2]][b3] * w))
ages <- c(40, 50); X <- "age + female + bmi"
g <- function(text) lm(as.formula(paste(text, "+ female + bmi")), base)
both <- list(g("tilt ~ glute + age + I(glute * age)"),
             g("pain ~ glute + tilt + age + I(glute * age) + I(tilt * age)"))
moderated <- list(
  a = delta(function(b) c(mod(b, ages, a3 = 4), b[[1]][4] * b[[2]][3]),
            list(both[[1]], g("pain ~ glute + tilt"))),
  b = delta(function(b) c(mod(b, ages, b3 = 5), b[[1]][2] * b[[2]][5]),
            list(g("tilt ~ glute"), g("pain ~ glute + tilt + age + I(tilt * age)"))),
  all = delta(function(b) c(mod(b, ages, 4, 6), b[[2]][2] + b[[2]][5] * ages), both))

# Counterfactual effects of previous pain, each person's mediator integrated out.
base$weak <- as.numeric(base$glute < median(base$glute)); tight <- glm.control(1e-15, 200)
W <- "age + female + bmi"
inverse <- list(linear = identity, logit = plogis, probit = pnorm)
family <- function(link) if (link == "linear") gaussian() else binomial(link)
effects <- function(m, y, mlink, ylink, held) {
  fm <- glm(as.formula(paste(m, "~ prior_lbp +", W)), family(mlink), base, control = tight)
  fy <- glm(as.formula(paste(y, "~ prior_lbp *", m, "+", W)), family(ylink), base, control = tight)
  s <- sqrt(summary(fm)$dispersion)
  at <- function(fit, x, v = NULL) {
    d <- base; d$prior_lbp <- x; if (!is.null(v)) d[[m]] <- v; predict(fit, d)
  }
  Y <- function(x, z) {
    eta <- at(fm, z); low <- at(fy, x, 0); slope <- at(fy, x, 1) - low
    if (mlink != "linear") {
      p <- inverse[[mlink]](eta)
      return(mean((1 - p) * inverse[[ylink]](low) + p * inverse[[ylink]](low + slope)))
    }
    mean(sapply(seq_along(eta), function(i) integrate(function(e)
      dnorm(e) * inverse[[ylink]](low[i] + slope[i] * (eta[i] + s * e)), -12, 12, rel.tol = 1e-12,
      subdivisions = 500)$value))
  }
  a <- Y(1, 1); b <- Y(1, 0); cc <- Y(0, 1); d <- Y(0, 0)
  cde <- mean(inverse[[ylink]](at(fy, 1, held)) - inverse[[ylink]](at(fy, 0, held)))
  c(cde, b - d, a - cc, cc - d, a - b, a - d)
}
counterfactual <- list(
  linear_linear = effects("tilt", "pain", "linear", "linear", mean(base$tilt)),
  linear_logit = effects("tilt", "lbp", "linear", "logit", mean(base$tilt)),
  linear_probit = effects("tilt", "lbp", "linear", "probit", mean(base$tilt)),
  logit_linear = effects("weak", "pain", "logit", "linear", 0),
  probit_logit = effects("weak", "lbp", "probit", "logit", 0),
  logit_probit = effects("weak", "lbp", "logit", "probit", 0))

fits <- list(f("tilt ~ glute"), f("pain ~ glute + tilt"))
set.seed(1); med <- mediate(fits[[1]], fits[[2]], treat = "glute", mediator = "tilt", sims = 20)
sens <- medsens(med, rho.by = 0.1, eps = 1e-22, effect.type = "both")
write_json(list(
  serial = delta(serial, sfits(base)), parallel = delta(parallel, pfits),
  people = delta(serial, sfits(long), long$id),
  lavaan = list(estimate = pe$est, se = pe$se), moderated = moderated,
  counterfactual = counterfactual,
  medsens = list(rho = sens$rho, indirect = c(sens$d0), direct = c(sens$z0),
                 r2 = c(sens$r.square.m, sens$r.square.y))),
  "mediation.json", digits = NA, auto_unbox = TRUE)
