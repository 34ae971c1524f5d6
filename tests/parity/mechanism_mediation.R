# Writes mechanism_mediation.json: the mediated parts that the analysis reports, by lm, glm and integrate.
# Run in tests/parity: Rscript mechanism_mediation.R
library(jsonlite)
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)
wide <- function(v, w) {d <- subset(long, wave == w); d[[v]][match(base$id, d$id)]}
base$glute1 <- wide("glute", 1); base$pain2 <- wide("pain", 2)
co <- function(f, d = base) coef(lm(as.formula(f), d))
C <- "age + female + bmi + prior_lbp"; s <- sd(base$glute)

# Serial chain at one visit, per SD of the exposure.
a <- co(paste("tilt ~ glute +", C)); d <- co(paste("lordosis ~ glute + tilt +", C))
b <- co(paste("pain ~ glute + tilt + lordosis +", C)); tot <- co(paste("pain ~ glute +", C))
chain <- a["glute"] * d["tilt"] * b["lordosis"]
serial <- list(chain = s * chain, through_tilt = s * a["glute"] * b["tilt"],
  through_lordosis = s * d["glute"] * b["lordosis"], direct = s * b["glute"], total = s * tot["glute"],
  indirect = s * (tot["glute"] - b["glute"]))
k <- sd(base$lordosis)  # reversed: lordosis, tilt, glute
r1 <- co(paste("tilt ~ lordosis +", C)); r2 <- co(paste("glute ~ lordosis + tilt +", C))
serial$reversed <- k * r1["lordosis"] * r2["tilt"] * b["glute"]

# Errors in variables: the known error out of the squares.
X <- model.matrix(as.formula(paste("~", C, "+ glute + tilt + lordosis")), base); n <- nrow(X)
sem <- c(0, 0, 0, 0, 0, .07, 1.1, 2.1)
eiv <- function(y, at) {M <- crossprod(X[, at]) - n * diag(sem[at]^2); solve(M, crossprod(X[, at], y))[, 1]}
e1 <- eiv(base$tilt, 1:6); e2 <- eiv(base$lordosis, 1:7); e3 <- eiv(base$pain, 1:8)
serial$corrected <- s * e1["glute"] * e2["tilt"] * e3["lordosis"]

# Mediator and outcome at later visits, baselines adjusted for.
ok <- subset(base, !is.na(glute1) & !is.na(pain2)); ok$drug <- ok$lbp
la <- co("glute1 ~ drug + age + glute + pain", ok); lb <- lm(pain2 ~ drug + glute1 + age + glute + pain, ok)
fm <- lm(glute1 ~ drug + age + glute + pain, ok); fy <- lm(pain2 ~ drug + age + glute + pain, ok)
lb <- coef(lb)
rho <- cor(resid(fm), resid(fy))
fit <- lm(pain2 ~ drug + glute1 + age + glute + pain, ok); h <- sandwich::vcovHC(fit, "HC3")
est <- coef(fit)["glute1"] * sd(ok$glute1) / sd(ok$pain2)
se <- sqrt(h["glute1", "glute1"]) * sd(ok$glute1) / sd(ok$pain2)
ev <- function(rr) {rr <- ifelse(rr < 1, 1 / rr, rr); rr + sqrt(rr * (rr - 1))}
later <- list(indirect = la["drug"] * lb["glute1"], direct = lb["drug"], rho = rho, n = nrow(ok),
              evalue = ev(exp(.91 * est)))

# Yes/no outcome: natural effects of one SD more than the mean, each person's mediator integrated out.
m <- lm(as.formula(paste("tilt ~ glute +", C)), base); sg <- summary(m)$sigma
run <- function(inter) {
  f <- paste("lbp ~", if (inter) "glute * tilt" else "glute + tilt", "+", C)
  g <- glm(as.formula(f), binomial, base, control = glm.control(1e-15, 200)); cf <- coef(g)
  rest <- as.matrix(base[c("age", "female", "bmi", "prior_lbp")]) %*% cf[c("age", "female", "bmi", "prior_lbp")]
  mean_y <- function(x, xm) {
    mu <- predict(m, transform(base, glute = xm))
    slope <- cf["tilt"] + if (inter) cf["glute:tilt"] * x else 0
    lin <- cf[1] + cf["glute"] * x + rest
    mean(mapply(function(l, u) integrate(function(z) plogis(l + slope * (u + sg * z)) * dnorm(z),
                -10, 10, rel.tol = 1e-11, abs.tol = 1e-13)$value, lin, mu))
  }
  x0 <- mean(base$glute); x1 <- x0 + s
  list(indirect = mean_y(x1, x1) - mean_y(x1, x0), direct = mean_y(x1, x0) - mean_y(x0, x0),
       total = mean_y(x1, x1) - mean_y(x0, x0))
}
answers <- list(serial = lapply(serial, unname), later = lapply(later, unname),
                risks = run(FALSE), risks_interaction = run(TRUE))
write_json(answers, "mechanism_mediation.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
