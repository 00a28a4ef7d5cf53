namespace Ringfence.Journal;

/// <summary>The machine's clock was set: what was in force at <paramref name="Before"/> by the old one began and ends as much later by the new one, and what was over by it stays over.</summary>
/// <param name="By">Forward; negative: back.</param>
internal sealed record ClockChange(TimeSpan By, DateTimeOffset Before)
{
    /// <summary>Both in one. What ended between them was over by the second: forward it stays so by itself, back the end of it is before what the second knows as now.</summary>
    public ClockChange After(ClockChange? earlier) => earlier is null ? this : new ClockChange(earlier.By + By, Before - earlier.By);
}
