using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Faults of single lines.</summary>
internal static class SettingFaults
{
    /// <summary>One fault for each line, whoever inherits it.</summary>
    /// <param name="text">What is said of the first section of a line.</param>
    public static IEnumerable<Fault> PerLine(IEnumerable<JudgedSetting> settings, Func<JudgedSetting, Fault> text) =>
        settings.Select(wrong => (Fault: text(wrong), More: wrong.Others))
            .Select(static told => told.More == 0 ? told.Fault : told.Fault with { Text = $"{told.Fault.Text} (and {told.More} more that {(told.More == 1 ? "inherits" : "inherit")} the line)" });

    /// <summary>Removes the line, which is right wherever it has no effect but harm.</summary>
    public static Mend Removed(JudgedSetting wrong, string text) => new(text, new RemoveLine(wrong.Setting.Place.File, wrong.Setting.Place.Line));
}
