using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>What was wrong with the lines of Asterisk's files as they were read.</summary>
internal static class ReaderProblems
{
    // Beside those of the catalogue. What is read by no rule is read here, so that its mistakes are told.
    private static readonly string[] Others =
    [
        PjsipSource.UsualFile, "pjsip_wizard.conf", "sip.conf", "iax.conf", "extensions.conf", "manager.conf", "ari.conf", "http.conf", "logger.conf", "modules.conf", "rtp.conf", "acl.conf", "asterisk.conf",
        "cdr.conf", "cdr_custom.conf", "cel.conf", "cel_custom.conf", "voicemail.conf", "features.conf", "pjproject.conf", "users.conf", "sorcery.conf", "extconfig.conf", "queues.conf", "followme.conf",
        "hep.conf", "res_parking.conf", "confbridge.conf",
    ];

    /// <summary>Calls, logins, access lists or the log depend on it; of other modules' files nobody is let in or shut out.</summary>
    public static bool IsEssential(string file) => Others.Contains(file, StringComparer.Ordinal);

    /// <summary>Each once, with the file that Asterisk was asked to load; an include may be the place.</summary>
    public static IEnumerable<(string File, ConfigProblem Problem)> All(PbxSnapshot pbx) =>
        Others.Union(pbx.Options.Files, StringComparer.Ordinal)
            .SelectMany(file => pbx.Config(file).Problems.Select(problem => (File: file, Problem: problem)))
            .DistinctBy(static found => (found.Problem.Place, found.Problem.Text));
}
