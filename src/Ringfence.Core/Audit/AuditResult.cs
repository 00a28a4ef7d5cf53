using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>What an audit came to.</summary>
/// <param name="Findings">Worst first, then by rule and place.</param>
/// <param name="Allowed">Those that a comment or ringfence.conf allows.</param>
/// <param name="FilesRead">Names of the files that were read.</param>
internal sealed record AuditResult(AsteriskVersion Version, bool IsVersionAssumed, IReadOnlyList<Finding> Findings, IReadOnlyList<AllowedFinding> Allowed, IReadOnlyList<string> FilesRead)
{
    /// <summary>What whoever reads the report should know of the audit itself; no findings.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Rules that could not be asked, for nobody knows the options of that version.</summary>
    public IReadOnlyList<AuditRule> NotAsked { get; init; } = [];

    /// <summary>What a report begins with where there are such, for whoever reads no notes; null: all were asked.</summary>
    public string? NotAskedText => NotAsked.Count == 0 ? null
        : $"Not looked at: the options of Asterisk {Version.Major} are not known here (those of {OptionCatalogue.Any.First} to {OptionCatalogue.Any.Last} are), so nobody asked for unknown, misplaced, refused or misread ones ({string.Join(", ", NotAsked.Select(static rule => rule.Id))}). --asterisk {OptionCatalogue.Any.Last} holds the files against the last that is known";

    /// <summary>How many findings are allowed, and by what; null: none is.</summary>
    public string? AllowedText => Allowed.Count == 0 ? null : $"{Allowed.Count} more {(Allowed.Count == 1 ? "finding is" : "findings are")} allowed by comments in the files or by ringfence.conf; --ignore-allowances tells those of the comments";
}
