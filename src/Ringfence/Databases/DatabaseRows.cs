namespace Ringfence.Databases;

/// <param name="IsInteger">A number without a fraction, of any size.</param>
/// <param name="HasZone">PostgreSQL's timestamp with time zone.</param>
internal readonly record struct DatabaseColumn(string Name, bool IsInteger, bool HasZone);

/// <summary>An answer, all of which is in memory: reading it waits for nobody.</summary>
internal abstract class DatabaseRows : IDisposable
{
    public abstract IReadOnlyList<DatabaseColumn> Columns { get; }

    /// <summary>The next row.</summary>
    /// <param name="cells">One for each column; null: NULL. Bytes that are no UTF-8 become U+FFFD.</param>
    /// <returns>false: there is none.</returns>
    public abstract bool Read(Span<string?> cells);

    public abstract void Dispose();
}
