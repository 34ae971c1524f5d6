rule study:
    output:
        f"{PRODUCTS}/plans/study.json",
    log:
        f"logs/{study.study}/study.log",
    params:
        text=planning.study_text(study),
    message:
        "Writing down the study"
    shell:
        "gluteal plan {output} --text {params.text:q} 2> {log}"


rule ledger:
    input:
        collect(f"{PRODUCTS}/estimates/{{analysis}}.csv", analysis=study.analyses),
        collect(f"{PRODUCTS}/diagnostics/{{analysis}}.csv", analysis=study.analyses),
        collect(f"{PRODUCTS}/fits/{{analysis}}.json", analysis=study.analyses),
        collect(f"{PRODUCTS}/plans/{{analysis}}.json", analysis=study.analyses),
        DERIVED,
        study=f"{PRODUCTS}/plans/study.json",
    output:
        f"{PRODUCTS}/ledger.csv",
    log:
        f"logs/{study.study}/ledger.log",
    params:
        products=products_folder,
        processed=processed_folder,
        code=code(*planning.CLAIMING),
    message:
        "Answering the claims"
    shell:
        "gluteal ledger --study {input.study} --estimates {params.products}/estimates"
        " --fits {params.products}/fits --plans {params.products}/plans"
        " --diagnostics {params.products}/diagnostics --cohort {params.processed}"
        " --out {output} 2> {log}"


rule draw_claims:
    input:
        f"{PRODUCTS}/ledger.csv",
    output:
        [f"{PRODUCTS}/figures/claims.{form}" for form in FIGURES],
    log:
        f"logs/{study.study}/draw_claims.log",
    params:
        stem=figure_stem,
        code=code("gluteal.cli.draw", "gluteal.figures.claims"),
    message:
        "Drawing the claims"
    shell:
        "gluteal draw --kind claims --ledger {input} --out {params.stem} 2> {log}"


rule draw_threats:
    input:
        plan=f"{PRODUCTS}/plans/{{analysis}}.json",
        answers=claim_answers,
    output:
        [f"{PRODUCTS}/figures/{{analysis}}_threats.{form}" for form in FIGURES],
    log:
        f"logs/{study.study}/draw_threats/{{analysis}}.log",
    wildcard_constraints:
        analysis="|".join(ANSWERING) or "(?!)",
    params:
        stem=figure_stem,
        smallest=smallest_effect,
        code=code("gluteal.cli.draw", "gluteal.figures.threats"),
    message:
        "Drawing the threats to {wildcards.analysis}"
    shell:
        "gluteal draw --kind threats --plan {input.plan} --answers {input.answers}"
        " {params.smallest} --out {params.stem} 2> {log}"


rule draw_flow:
    input:
        f"{PROCESSED}/flow.csv",
    output:
        [f"{PRODUCTS}/figures/flow.{form}" for form in FIGURES],
    log:
        f"logs/{study.study}/draw_flow.log",
    params:
        stem=figure_stem,
        min_cell=study.min_cell,
        code=code("gluteal.cli.draw", "gluteal.figures.flow"),
    message:
        "Drawing the participant flow"
    shell:
        "gluteal draw --kind flow --flow {input} --min-cell {params.min_cell}"
        " --out {params.stem} 2> {log}"


rule report:
    input:
        collect(f"{PRODUCTS}/estimates/{{analysis}}.csv", analysis=study.analyses),
        collect(f"{PRODUCTS}/diagnostics/{{analysis}}.csv", analysis=study.analyses),
        collect(f"{PRODUCTS}/fits/{{analysis}}.json", analysis=study.analyses),
        collect(f"{PRODUCTS}/plans/{{analysis}}.json", analysis=study.analyses),
        collect(f"{PRODUCTS}/figures/{{analysis}}.svg", analysis=study.analyses),
        collect(f"{PRODUCTS}/figures/{{analysis}}_threats.svg", analysis=ANSWERING),
        f"{PRODUCTS}/figures/claims.svg",
        f"{PRODUCTS}/figures/flow.svg",
        f"{PRODUCTS}/ledger.csv",
        f"{PRODUCTS}/plans/study.json",
        f"{PROCESSED}/derived.json",
        f"{PROCESSED}/check.json",
        IMPUTED if study.imputation.m else [],
    output:
        REPORTS,
    log:
        f"logs/{study.study}/report.log",
    params:
        products=products_folder,
        processed=processed_folder,
        code=code(*planning.REPORTING),
    message:
        "Writing the report"
    shell:
        "gluteal report --products {params.products} --processed {params.processed} 2> {log}"


rule notebooks:
    input:
        REPORTS,
        cohort="notebooks/01_cohort.ipynb",
        estimates="notebooks/02_estimates.ipynb",
    output:
        cohort=f"{PRODUCTS}/notebooks/01_cohort.html",
        estimates=f"{PRODUCTS}/notebooks/02_estimates.html",
    log:
        f"logs/{study.study}/notebooks.log",
    params:
        processed=processed_folder,
        products=products_folder,
        code=code("gluteal.cli.notebook"),
    message:
        "Running the notebooks"
    shell:
        "export GLUTEAL_PROCESSED={params.processed} GLUTEAL_PRODUCTS={params.products};"
        " gluteal notebook {input.cohort} {output.cohort} 2> {log} &&"
        " gluteal notebook {input.estimates} {output.estimates} 2>> {log}"
