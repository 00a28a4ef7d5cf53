using System.CommandLine;
using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Reports;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence audit</c>: what is wrong with this PBX.</summary>
internal static class AuditCommand
{
    public static Command Build()
    {
        var path = new Argument<string?>("path")
        {
            Description = "A directory with a PBX's files, or a tar archive of it (.tar, .tar.gz, .tar.xz); this machine's PBX, if none is given.",
            HelpName = "DIR|ARCHIVE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var version = VersionOption();
        var failOn = new Option<string>("--fail-on") { Description = "Exit code 1 where a finding is at least so severe: info, low, medium, high, critical, or never.", HelpName = "SEVERITY", DefaultValueFactory = _ => "low" };
        failOn.AcceptOnlyFromAmong("info", "low", "medium", "high", "critical", "never");
        var format = new Option<string>("--format")
        {
            Description = "terminal; json; sarif (for a code host); html (one page, to read and to print); markdown; junit (for a build server); patch (the mends that a program can do).",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "terminal",
        };
        format.AcceptOnlyFromAmong("terminal", "json", "sarif", "html", "markdown", "junit", "patch");
        var diff = new Option<bool>("--diff") { Description = "Show only what is new since the last audit of this PBX, and what is gone." };
        var all = new Option<bool>("--all") { Description = "Show every place, not five for each rule." };
        var ignoreAllowances = new Option<bool>("--ignore-allowances") { Description = "Tell what comments in the files allow as well: a copy that somebody else made may allow itself everything. What ringfence.conf allows stays so." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("audit", "Say what is wrong with a PBX: what lets an attacker in or lets money out, with the line and the mend. Changes nothing.")
        {
            Examples =
            [
                ("ringfence audit", "this machine's PBX"),
                ("ringfence audit /srv/copies/pbx7", "a copy of /etc/asterisk, or of a machine's whole tree"),
                ("ringfence audit pbx7.tar.gz --asterisk 18", "an archive, for that version of Asterisk"),
                ("ringfence audit --format html", "a page for the owner of the PBX, to be written to a file"),
                ("ringfence audit --diff --fail-on high", "what is new since the last time; exit code 1 where that is high or critical"),
                ("ringfence audit --format patch", "what its mends would change, for: patch -d /etc/asterisk -p1"),
                ("ringfence audit dialplan --from internal --dial 0011234567", "what one number does, step by step"),
                ("ringfence audit collect pbx7.tar.gz", "this machine's PBX as one file, to be audited elsewhere"),
                ("ringfence explain RF1001", "one of its rules"),
            ],
        };
        verb.Add(AuditDialplanCommand.Build(path));
        verb.Add(AuditCollectCommand.Build());
        verb.Add(path);
        verb.Add(version);
        verb.Add(failOn);
        verb.Add(format);
        verb.Add(diff);
        verb.Add(all);
        verb.Add(ignoreAllowances);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var asterisk = Version(parsed.GetValue(version));
            if (parsed.GetValue(json) && parsed.GetResult(format) is { Implicit: false } && parsed.GetRequiredValue(format) != "json")
            {
                throw new MistakeException($"--json and --format {parsed.GetRequiredValue(format)} ask for two forms of one report: give one of them");
            }

            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var (pbx, result) = await JudgeAsync(parsed.GetValue(path), asterisk, settings, !parsed.GetValue(ignoreAllowances), surroundings.Clock, stop).WaitAsync(stop);
            foreach (var problem in pbx.Files.Problems)
            {
                new Screen(surroundings).Note($"ringfence: not read: {problem}");
            }

            var comparison = Compare(result, settings, parsed.GetValue(path), surroundings);
            var told = parsed.GetValue(diff) ? result with { Findings = comparison.Before is null ? result.Findings : comparison.New } : result;
            var input = new ReportInput(told, parsed.GetValue(path) ?? Environment.MachineName, surroundings.Clock.GetUtcNow(), Versions.Own, comparison.Runs);
            var failsFrom = Enum.TryParse<Severity>(parsed.GetRequiredValue(failOn), ignoreCase: true, out var worst) ? worst : (Severity?)null;
            Print(parsed.GetValue(json) ? "json" : parsed.GetRequiredValue(format), input, comparison, pbx, failsFrom, parsed.GetValue(all), parsed.GetValue(diff), surroundings);
            return told.Findings.Any(finding => finding.Severity >= failsFrom) ? ExitCode.Found : ExitCode.Fine;
        });
    }

    public static Option<string?> VersionOption() => new("--asterisk")
    {
        Description = "The version of Asterisk that the files are for, such as 18 or 22.10.1; else the running one is asked, or 22 is taken.",
        HelpName = "VERSION",
    };

    /// <exception cref="MistakeException">It is no version.</exception>
    public static AsteriskVersion? Version(string? said) => said is null ? null
        : AsteriskVersion.Parse(said) ?? throw new MistakeException($"--asterisk {said}: expected a version such as 18 or 22.10.1");

    // No archive and no rule asks whether it may go on. Nothing is written before all of them are done, so that whoever interrupts it need not wait for that.
    private static async Task<(PbxSnapshot Pbx, AuditResult Result)> JudgeAsync(string? copy, AsteriskVersion? asterisk, RingfenceConfig settings, bool heedsComments, TimeProvider clock, CancellationToken stop)
    {
        await Task.Yield();
        var pbx = copy is null ? await AuditedPbx.OfMachineAsync(settings.AsteriskDirectory, asterisk, clock, stop) : AuditedPbx.OfCopy(copy, asterisk);
        return (pbx, Auditor.Run(pbx, AuditRules.All, settings.AllowedFindings.ToHashSet(StringComparer.OrdinalIgnoreCase), heedsComments, stop));
    }

    private static void Print(string format, ReportInput input, AuditComparison comparison, PbxSnapshot pbx, Severity? failsFrom, bool isWhole, bool isDiff, Surroundings surroundings)
    {
        var screen = new Screen(surroundings);
        switch (format)
        {
            case "json":
                screen.Json(AuditReport.From(input, comparison), AuditJson.Default.AuditReport);
                break;
            case "sarif":
                surroundings.Output.Write(SarifReport.Write(input, AuditRules.All, pbx.Directory));
                break;
            case "html":
                surroundings.Output.Write(HtmlReport.Write(input));
                break;
            case "markdown":
                surroundings.Output.Write(MarkdownReport.Write(input));
                break;
            case "junit":
                surroundings.Output.Write(JUnitReport.Write(input, AuditRules.All, failsFrom));
                break;
            case "patch":
                surroundings.Output.Write(PatchReport.Write(input.Result, pbx));
                break;
            default:
                AuditOutput.Print(input, comparison, isWhole, isDiff, screen);
                break;
        }
    }

    // An audit tells all the same where nothing can be kept: somebody without rights looks at a copy.
    private static AuditComparison Compare(AuditResult result, RingfenceConfig settings, string? copy, Surroundings surroundings)
    {
        var now = surroundings.Clock.GetUtcNow();
        try
        {
            var history = AuditHistory.Read(settings.Journal.Path, copy);
            var comparison = history.Compare(result, now);
            history.Add(result, now);
            return comparison;
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            new Screen(surroundings).Note($"ringfence: this audit is not kept for --diff and the trend: {error.Message}");
            return AuditComparison.Of(result, now, [], []);
        }
    }
}
