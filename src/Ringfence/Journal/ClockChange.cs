namespace Ringfence.Journal;

/// <summary>The machine's clock was set: what was in force at <paramref name="Before"/> by the old one began and ends as much later by the new one, and what was over by it stays over.</summary>
/// <param name="By">Forward; negative: back.</param>
internal sealed record ClockChange(TimeSpan By, DateTimeOffset Before)
{
    /// <summary>Both in one, where nothing was decided between them. What ended in that time is not moved by it, and stays over.</summary>
    public ClockChange After(ClockChange? earlier) => earlier is null ? this : new ClockChange(earlier.By + By, Before - earlier.By);
}
