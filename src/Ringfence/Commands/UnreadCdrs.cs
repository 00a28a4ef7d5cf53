namespace Ringfence.Commands;

/// <summary>What is said of records that could not be read.</summary>
internal static class UnreadCdrs
{
    /// <param name="records">Of the file that could be read.</param>
    /// <param name="mistake">The first that could not be: where, what was found, what was expected.</param>
    public static string Of(string path, long unread, long records, string mistake) =>
        $"{path}: {unread} of {unread + records} records could not be read, the first at {mistake}" + (records == 0
            ? "; what can be read are the columns of cdr_csv, or those that a first line of headings names (calldate or start, src, dst, billsec; commas, semicolons or tabs between); where the PBX writes others, cdr_columns of [calls] says which: it is the mapping in cdr_custom.conf" : "");

    /// <summary>An answer about no call at all, because none could be read, would pass for "all is well".</summary>
    /// <exception cref="WorldFailedException">Nothing could be read.</exception>
    public static void RefuseNone(long records, IReadOnlyList<string> problems)
    {
        if (records == 0 && problems.Count > 0)
        {
            throw new WorldFailedException(string.Join('\n', problems));
        }
    }
}
