# Messages about faulty cells go to the terminal, never to a log: they name people and values.
if study.mapping is not None:

    rule ingest:
        input:
            mapping=str(study.mapping),
            raw=planning.raw_files(study),
        output:
            package=f"{COHORT}/datapackage.json",
        log:
            f"logs/{study.study}/ingest.log",
        params:
            folder=cohort_folder,
            code=code(*planning.INGESTING),
        shell:
            "gluteal ingest {input.mapping} {params.folder} > {log}"


if study.simulated is not None:

    rule simulate:
        output:
            package=f"{COHORT}/datapackage.json",
        log:
            f"logs/{study.study}/simulate.log",
        params:
            folder=cohort_folder,
            settings=planning.simulate_arguments(study),
            code=code(*planning.SIMULATING),
        message:
            "Simulating the cohort"
        shell:
            "gluteal simulate {params.folder} {params.settings} > {log}"


rule check:
    input:
        package_files,
    output:
        queries=f"{PROCESSED}/queries.csv",
        summary=f"{PROCESSED}/check.json",
    log:
        f"logs/{study.study}/check.log",
    params:
        cohort=cohort_folder,
        settings=planning.derive_text(study),
        code=code(*planning.CHECKING),
    message:
        "Checking the cohort"
    shell:
        "gluteal check {params.cohort} --settings {params.settings:q}"
        " --queries {output.queries} --summary {output.summary} > {log}"


rule derive:
    input:
        package_files,
        check=f"{PROCESSED}/check.json",
    output:
        DERIVED,
        f"{PROCESSED}/derived.json",
        f"{PROCESSED}/flow.csv",
    log:
        f"logs/{study.study}/derive.log",
    params:
        cohort=cohort_folder,
        folder=processed_folder,
        settings=planning.derive_text(study),
        code=code(*planning.DERIVING),
    message:
        "Deriving the clinical measures"
    shell:
        "gluteal derive {params.cohort} {params.folder} --settings {params.settings:q}"
        " --check {input.check} > {log}"


if study.imputation.m:

    rule impute:
        input:
            DERIVED,
            f"{PROCESSED}/derived.json",
            f"{PROCESSED}/flow.csv",
        output:
            IMPUTED,
        log:
            f"logs/{study.study}/impute.log",
        params:
            folder=processed_folder,
            settings=imputation_text(study),
            code=code(*planning.IMPUTING),
        message:
            "Imputing missing values"
        shell:
            "gluteal impute {params.folder} --settings {params.settings:q} > {log}"
