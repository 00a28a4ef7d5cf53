using System.Text;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Edits of the application that a line of the dialplan runs.</summary>
internal static class ArgumentsEdit
{
    /// <returns>null: the line does not hold them as they were read (AEL, an escaped semicolon), or twice: a person has to look.</returns>
    public static FileEdit? Replace(PbxSnapshot pbx, PlanPriority priority, string arguments) =>
        arguments == priority.Arguments ? null : ReplaceCall(pbx, priority, $"{priority.Application}({arguments})");

    /// <inheritdoc cref="Replace"/>
    /// <param name="call">Another application, with its arguments.</param>
    public static FileEdit? ReplaceCall(PbxSnapshot pbx, PlanPriority priority, string call)
    {
        if (priority.Arguments.Length == 0
            || pbx.Config("extensions.conf").Files.FirstOrDefault(file => file.Name == priority.Place.File) is not { } file)
        {
            return null;
        }

        var line = Encoding.UTF8.GetString(file.Raw(priority.Place.Line)).TrimEnd('\r', '\n');
        var whole = $"{priority.Application}({priority.Arguments})";
        var at = line.IndexOf(whole, StringComparison.Ordinal);
        return at < 0 || line.IndexOf(whole, at + 1, StringComparison.Ordinal) >= 0 || line.Contains('\uFFFD', StringComparison.Ordinal) ? null
            : new ReplaceLine(file.Name, priority.Place.Line, $"{line[..at]}{call}{line[(at + whole.Length)..]}");
    }
}
