# Sets RESULT to the command of a test that is skipped, and says WHY. (A semicolon in it would
# divide the list, and the test pass.)
function(mim_skipped result why)
  set(${result} sh -c "echo 'SKIPPED: ${why}' && exit 77" PARENT_SCOPE)
endfunction()
